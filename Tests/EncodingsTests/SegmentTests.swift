import Columns
import Encodings
import Testing

@Suite("Segments")
struct SegmentTests {
    @Test(
        "every type and shape decodes to what was encoded",
        arguments: PlainColumn.types, Shape.allCases)
    func roundTrip(type: DataType, shape: Shape) throws {
        for rowCount in [1, 63, 64, 65, 2047, 2048, 2049, 5000] {
            for nullShare: UInt64 in [0, 3] {
                let plain = PlainColumn(
                    type: type, shape: shape, rowCount: rowCount, nullShare: nullShare, seed: UInt64(rowCount)
                )
                let bytes = RawBytes()
                try plain.withColumn { column in _ = try SegmentEncoder().encode(column, to: bytes) }
                let segment = try EncodedSegment(reading: bytes.bytes, type: type)
                #expect(segment.rowCount == rowCount)
                #expect(
                    segment.allValues() == plain.values, "\(type) \(shape) \(rowCount) \(segment.encoding)")
            }
        }
    }

    @Test("shapes lead to the encodings that suit them")
    func choice() throws {
        func encoding(_ type: DataType, _ shape: Shape, _ rowCount: Int = 20_000) throws -> SegmentEncoding {
            let plain = PlainColumn(type: type, shape: shape, rowCount: rowCount, nullShare: 0, seed: 1)
            return try plain.withColumn { try SegmentEncoder().encode($0, to: RawBytes()) }
        }
        #expect(try encoding(.bigint, .constant) == .constant)
        #expect(try encoding(.bigint, .allNull) == .constant)
        #expect(try encoding(.bigint, .narrow) == .packed)
        #expect(try encoding(.bigint, .ascending) == .packed)
        #expect(try encoding(.bigint, .runs) == .runs)
        #expect(try encoding(.bigint, .fewValues) == .dictionary)
        #expect(try encoding(.bigint, .wide) == .plain)
        #expect(try encoding(.uuid, .unique) == .plain)
        #expect(try encoding(.text, .fewValues) == .dictionary)
        #expect(try encoding(.text, .unique) == .strings)
        #expect(try encoding(.text, .constant) == .constant)
        #expect(try encoding(.decimal(precision: 38, scale: 2), .narrow) == .packed)
    }

    @Test("packed numbers take the bits that their range needs")
    func packedSize() throws {
        let plain = PlainColumn(type: .bigint, shape: .narrow, rowCount: 65_536, nullShare: 0, seed: 2)
        let bytes = RawBytes()
        try plain.withColumn { _ = try SegmentEncoder(codec: .none).encode($0, to: bytes) }
        // 100 values need 7 bits; a descriptor of 16 bytes a vector comes on top.
        #expect(bytes.count < 65_536 * 7 / 8 + 32 * 16 + 100)
    }

    @Test("single rows compare as decoded ones do", arguments: PlainColumn.types)
    func singleRows(type: DataType) throws {
        for shape in Shape.allCases {
            let plain = PlainColumn(type: type, shape: shape, rowCount: 3000, nullShare: 5, seed: 9)
            let bytes = RawBytes()
            try plain.withColumn { _ = try SegmentEncoder().encode($0, to: bytes) }
            let segment = try EncodedSegment(reading: bytes.bytes, type: type)
            let builder = VectorBuilder(type: type, capacity: 3000)
            for value in plain.values { builder.append(value) }
            let vector = builder.finish()
            for row in stride(from: 0, to: 3000, by: 37) {
                let other = (row + 1) % 3000
                #expect(segment.isNull(at: row) == plain.values[row].isNull)
                #expect(Self.equals(segment, vector, row, row) == !plain.values[row].isNull)
                if !plain.values[row].isNull && !plain.values[other].isNull && type.physical != .float64 {
                    #expect(
                        Self.equals(segment, vector, row, other) == (plain.values[row] == plain.values[other])
                    )
                }
            }
        }
    }

    private static func equals(_ segment: EncodedSegment, _ vector: Vector, _ row: Int, _ expected: Int)
        -> Bool
    {
        if vector.physical == .string {
            let view = vector.pointer(as: StringView.self)[expected]
            return segment.equals(string: view, at: row, tableDictionary: nil)
        }
        return segment.equals(vector.values.base + expected * vector.physical.byteCount, at: row)
    }

    @Test("codes of a table's dictionary come back as codes")
    func tableCodes() throws {
        let entries = VectorBuilder(type: .text, capacity: 300)
        for index in 0..<300 { entries.append(string: "entry number \(index)") }
        let dictionary = VectorDictionary(entries: entries.finish(), identity: 9)
        let rowCount = 4100
        let plain = PlainColumn(type: .text, shape: .narrow, rowCount: rowCount, nullShare: 4, seed: 3)
        let codes = (0..<rowCount).map { UInt32($0 * 7 % 300) }
        let bytes = RawBytes()
        try plain.withColumn { column in
            try codes.withUnsafeBufferPointer { codes in
                let base = try #require(codes.baseAddress)
                try SegmentEncoder().encode(tableCodes: base, of: column, entryCount: 300, to: bytes)
            }
        }
        let segment = try EncodedSegment(reading: bytes.bytes, type: .text)
        #expect(segment.tableEntryCount == 300)
        let scratch = DecodeScratch(physical: .string)
        let vector = segment.decode(vector: 1, tableDictionary: dictionary, scratch: scratch)
        #expect(vector.form == .dictionary)
        #expect(vector.dictionary === dictionary)
        for row in 0..<vector.count {
            let isNull = plain.values[2048 + row].isNull
            #expect(vector.isNull(row) == isNull)
            if !isNull { #expect(vector.value(at: row) == .text("entry number \(codes[2048 + row])")) }
        }
    }

    @Test("held vectors keep their values while the reader goes on")
    func buffersAreNotOverwritten() throws {
        let plain = PlainColumn(type: .bigint, shape: .narrow, rowCount: 65_536, nullShare: 0, seed: 4)
        let bytes = RawBytes()
        try plain.withColumn { _ = try SegmentEncoder().encode($0, to: bytes) }
        let segment = try EncodedSegment(reading: bytes.bytes, type: .bigint)
        let scratch = DecodeScratch(physical: .int64)
        let held = (0..<32).map { segment.decode(vector: $0, tableDictionary: nil, scratch: scratch) }
        #expect(held.flatMap { vector in (0..<2048).map { vector.value(at: $0) } } == plain.values)
    }
}
