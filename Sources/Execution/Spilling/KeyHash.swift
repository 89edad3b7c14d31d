import Columns

/// Hashes of keys that are the same for keys that are equal in SQL, NULLs too, in whatever form vectors are.
enum KeyHash {
    /// Writes the hash of each row's key columns. Without columns all rows have one hash.
    static func hash(_ columns: [Vector], count: Int, into hashes: UnsafeMutablePointer<UInt64>) {
        hashes.update(repeating: 0x5851_F42D_4C95_7F2D, count: count)
        for column in columns { fold(column, count, hashes) }
    }

    private static let null: UInt64 = 0x94D0_49BB_1331_11EB

    private static func fold(_ column: Vector, _ count: Int, _ hashes: UnsafeMutablePointer<UInt64>) {
        if column.form == .dictionary, column.physical == .string, let dictionary = column.dictionary,
            dictionary.count <= count
        {
            // Few entries: each string is hashed once.
            let views = dictionary.entries.pointer(as: StringView.self)
            let ofCode = (0..<dictionary.count).map { Hashing.hash(views[$0]) }
            let codes = column.pointer(as: UInt32.self)
            return fold(column, count, hashes) { ofCode[Int(codes[$0])] }
        }
        let flat = column.flat(count: count)
        switch flat.physical {
        case .bool:
            let values = flat.pointer(as: UInt8.self)
            fold(flat, count, hashes) { UInt64(values[$0]) }
        case .int16:
            let values = flat.pointer(as: UInt16.self)
            fold(flat, count, hashes) { UInt64(values[$0]) }
        case .int32:
            let values = flat.pointer(as: UInt32.self)
            fold(flat, count, hashes) { UInt64(values[$0]) }
        case .int64:
            let values = flat.pointer(as: UInt64.self)
            fold(flat, count, hashes) { values[$0] }
        case .float32:
            let values = flat.pointer(as: Float.self)
            fold(flat, count, hashes) { UInt64(KeyEncoder.canonical(values[$0]).bitPattern) }
        case .float64:
            let values = flat.pointer(as: Double.self)
            fold(flat, count, hashes) { KeyEncoder.canonical(values[$0]).bitPattern }
        case .int128, .uint128:
            let values = flat.pointer(as: UInt128.self)
            fold(flat, count, hashes) { Hashing.hash(values[$0]) }
        case .interval:
            let values = flat.pointer(as: Interval.self)
            fold(flat, count, hashes) { Hashing.hash(UInt128(bitPattern: values[$0].comparisonKey)) }
        case .string:
            let values = flat.pointer(as: StringView.self)
            fold(flat, count, hashes) { flat.isNull($0) ? 0 : Hashing.hash(values[$0]) }
        }
        withExtendedLifetime(flat) {}
    }

    @inline(__always) private static func fold(
        _ column: Vector, _ count: Int, _ hashes: UnsafeMutablePointer<UInt64>, _ word: (Int) -> UInt64
    ) {
        guard let validity = column.validity else {
            for row in 0..<count { hashes[row] = Hashing.combine(hashes[row], word(row)) }
            return
        }
        for row in 0..<count {
            hashes[row] = Hashing.combine(hashes[row], validity.isValid(row) ? word(row) : null)
        }
    }
}
