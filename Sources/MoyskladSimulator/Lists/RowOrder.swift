/// An `order` parameter: `updated,asc;id,desc` (API §5.4).
struct RowOrder: Equatable, Sendable {
    struct Key: Equatable, Sendable {
        var field: String
        var descending: Bool
    }

    var keys: [Key] = []

    init() {}

    /// - Throws: 1063 for a direction that is none.
    init(_ text: String) throws(APIFault) {
        for part in text.split(separator: ";") {
            let halves = part.split(separator: ",").map { $0.trimmed }
            guard let field = halves.first, halves.count <= 2 else { throw .order(String(part)) }
            let direction = halves.count == 2 ? halves[1].lowercased() : "asc"
            guard direction == "asc" || direction == "desc" else { throw .order(String(part)) }
            keys.append(Key(field: field, descending: direction == "desc"))
        }
    }

    /// Sorts by all keys, and by the place in the table where they leave a tie.
    ///
    /// - Throws: 1063 for a field that cannot be sorted by.
    func sort(_ ordinals: inout [Int32], type: ObjectType, shop: Shop) throws(APIFault) {
        guard !keys.isEmpty else { return }
        var comparisons: [(Int, Int) -> Int] = []
        for key in keys { comparisons.append(try comparison(key, ordinals, type: type, shop: shop)) }
        let unsorted = ordinals
        let places = unsorted.indices.sorted { left, right in
            for compare in comparisons {
                let result = compare(left, right)
                if result != 0 { return result < 0 }
            }
            return left < right
        }
        ordinals = places.map { unsorted[$0] }
    }

    /// Compares two places of `ordinals`; the keys are read once a row, before.
    private func comparison(
        _ key: Key, _ ordinals: [Int32], type: ObjectType, shop: Shop
    ) throws(APIFault) -> (Int, Int) -> Int {
        let sign = key.descending ? -1 : 1
        func numbers(_ values: [Int64]) -> (Int, Int) -> Int {
            { values[$0] == values[$1] ? 0 : values[$0] < values[$1] ? -sign : sign }
        }
        guard let reader = FieldReader.find(key.field, type: type, in: shop) else { throw .order(key.field) }
        switch reader {
        case .id:
            return numbers(
                ordinals.map { ordinal in
                    let own = type.isItem ? shop.item(ordinal).type : type
                    return Int64(shop.identity.sortKey(code: own.code, ordinal: ordinal)) << 16
                        | Int64(own.code)
                })
        case .moment(let read), .number(let read): return numbers(ordinals.map { read($0) ?? Int64.min })
        case .flag(let read): return numbers(ordinals.map { read($0) ? 1 : 0 })
        case .text(let read):
            let values = ordinals.map { read($0) ?? "" }
            return { values[$0] == values[$1] ? 0 : values[$0] < values[$1] ? -sign : sign }
        case .texts, .reference, .state, .contains: throw .order(key.field)
        }
    }
}
