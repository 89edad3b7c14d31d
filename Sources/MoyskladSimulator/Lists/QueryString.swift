/// The parameters of a request, as they came and decoded.
struct QueryString: Equatable, Sendable {
    struct Parameter: Equatable, Sendable {
        /// Still encoded, for hrefs that repeat the request.
        var raw: String
        var name: String
        var value: String
    }

    private(set) var parameters: [Parameter] = []

    /// - Throws: 1058 when a parameter cannot be decoded.
    init(_ text: some StringProtocol) throws(APIFault) {
        for part in text.split(separator: "&") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(halves[0]),
                let value = Self.decoded(halves.count > 1 ? halves[1] : "")
            else {
                throw APIFault(400, 1058, "Ошибка декодирования параметров запроса: '\(part)'")
            }
            parameters.append(Parameter(raw: String(part), name: name, value: value))
        }
    }

    subscript(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

    /// All values of a parameter joined as conditions of one.
    func joined(_ name: String) -> String? {
        let values = parameters.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ";")
    }

    /// The query as it came, with another place in the list.
    func moved(limit: Int, offset: Int) -> String {
        let kept = parameters.filter { $0.name != "limit" && $0.name != "offset" }.map(\.raw)
        return (kept + ["limit=\(limit)", "offset=\(offset)"]).joined(separator: "&")
    }

    var raw: String { parameters.map(\.raw).joined(separator: "&") }

    private static func decoded(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
