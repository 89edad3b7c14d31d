import Foundation

/// Points at an object: its type and id, taken from a `meta`.
public struct MoyskladReference: Sendable, Hashable {
    /// The type code, such as `product`; open-ended.
    public var type: String
    /// The object's id in the API.
    public var id: UUID

    /// The object of this type with this id.
    public init(type: String, id: UUID) {
        self.type = type
        self.id = id
    }

    /// Reads the id from an href: its path only, without query, fragment and trailing slash, the last
    /// segment; nil if that is no UUID. Without a type the segment before it is taken.
    public init?(href: ArraySlice<UInt8>, type: String?) {
        var path = href
        if let cut = path.firstIndex(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) {
            path = path[..<cut]
        }
        while path.last == UInt8(ascii: "/") { path.removeLast() }
        let start = (path.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex - 1) + 1
        guard let id = UUID(hyphenated: path[start...]) else { return nil }
        self.id = id
        if let type {
            self.type = type
        } else {
            let segments = path.split(separator: UInt8(ascii: "/"))
            self.type =
                segments.count > 1 ? String(decoding: segments[segments.count - 2], as: UTF8.self) : ""
        }
    }
}

extension UUID {
    /// Reads 36 characters of the form 8-4-4-4-12; nil if they are something else.
    public init?(hyphenated text: ArraySlice<UInt8>) {
        guard text.count == 36 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        var position = text.startIndex
        while position < text.endIndex {
            let place = position - text.startIndex
            if place == 8 || place == 13 || place == 18 || place == 23 {
                guard text[position] == UInt8(ascii: "-") else { return nil }
                position += 1
                continue
            }
            guard let high = JSONEscapes.hexDigit(text[position]),
                let low = JSONEscapes.hexDigit(text[position + 1])
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
            position += 2
        }
        self = bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    /// The form in which Moysklad writes ids: lower case.
    public var lowercased: String { uuidString.lowercased() }
}
