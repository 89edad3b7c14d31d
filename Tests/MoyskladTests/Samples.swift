import Foundation
import Moysklad

/// Payloads of the API's documentation.
enum Samples {
    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("MoyskladSamples")
        return try [UInt8](Data(contentsOf: folder.appendingPathComponent(name + ".json")))
    }

    static func root(_ name: String) throws -> JSONValue {
        try JSONDocument(bytes(name)).root
    }

    /// The rows of a list, or the one object.
    static func objects(_ name: String) throws -> [ObjectReader] {
        let root = try root(name)
        if let rows = root["rows"] { return try rows.elements.map { try ObjectReader($0) } }
        return root.kind == .array ? try root.elements.map { try ObjectReader($0) } : [try ObjectReader(root)]
    }
}
