import Foundation
import Moysklad

/// Payloads of the API's documentation.
enum Samples {
    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "MoyskladSamples")
        return try [UInt8](Data(contentsOf: folder.appending(path: name + ".json")))
    }

    /// The objects of a list, of a bare array, or the one object.
    static func objects(_ name: String) throws -> [JSONValue] {
        let root = try JSONDocument(bytes(name)).root
        return root["rows"]?.elements ?? (root.kind == .array ? root.elements : [root])
    }

    /// The same with Foundation, which knows nothing of this product.
    static func dictionaries(_ name: String) throws -> [[String: Any]] {
        let root = try JSONSerialization.jsonObject(with: Data(bytes(name)))
        if let list = root as? [[String: Any]] { return list }
        guard let object = root as? [String: Any] else { return [] }
        return object["rows"] as? [[String: Any]] ?? [object]
    }
}

extension [String: Any] {
    func text(_ path: String) -> String? {
        var current: Any? = self
        for key in path.split(separator: ".") { current = (current as? [String: Any])?[String(key)] }
        if let number = current as? NSNumber, CFBoolean.isBoolean(number) {
            return number.boolValue ? "t" : "f"
        }
        return current.map { "\($0)" }
    }

    /// The id at the end of a reference's href.
    func id(_ path: String) -> String? {
        guard let href = text(path + ".meta.href") else { return nil }
        let last = href.split(separator: "?")[0].split(separator: "/").last.map(String.init)
        return last.flatMap { UUID(uuidString: $0) == nil ? nil : $0 }
    }
}

enum CFBoolean {
    static func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
}
