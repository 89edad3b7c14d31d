import Foundation

/// An address: the line and, where it was typed in parts, the parts.
public struct PostalAddress: Sendable, Hashable {
    /// The whole address in one line.
    public var line: String?
    public var postalCode: String?
    public var country: MoyskladReference?
    public var region: MoyskladReference?
    public var city: String?

    /// - Parameters:
    ///   - line: The key of the line, such as `actualAddress`.
    ///   - parts: The key of the structured form, such as `actualAddressFull`.
    init(_ reader: ObjectReader, line: StaticString, parts: StaticString) throws(MoyskladError) {
        self.line = try reader.string(line)
        guard let full = try reader.object(parts) else { return }
        postalCode = try full.string("postalCode")
        country = try full.reference("country")
        region = try full.reference("region")
        city = try full.string("city")
    }

    /// The town by name alone: the part typed as city, else the part of the line that is marked as a town
    /// ("г Москва", "г. Москва", "Москва г"); nil if neither is there.
    public var town: String? {
        if let city, !city.isEmpty { return Self.bareTown(city) ?? city }
        for part in (line ?? "").split(separator: ",") {
            if let town = Self.bareTown(String(part)) { return town }
        }
        return nil
    }

    private static func bareTown(_ part: String) -> String? {
        var words = part.split(separator: " ").map(String.init)
        if let first = words.first, first.hasPrefix("г."), first.count > 2 {
            words[0] = String(first.dropFirst(2))
            return words.joined(separator: " ")
        }
        guard words.count > 1 else { return nil }
        if words[0] == "г" || words[0] == "г." { return words.dropFirst().joined(separator: " ") }
        if words[words.count - 1] == "г" { return words.dropLast().joined(separator: " ") }
        return nil
    }
}
