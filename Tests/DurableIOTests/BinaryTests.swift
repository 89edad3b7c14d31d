import DurableIO
import Testing

@Suite("Checksums and records")
struct BinaryTests {
    @Test("CRC-32C gives the published values, by instruction and by table")
    func checksums() {
        let digits = Array("123456789".utf8)
        #expect(CRC32C.checksum(digits) == 0xE306_9283)
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.checksum([UInt8]()) == 0)
        for length in 0..<200 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 37 + length) }
            #expect(CRC32C.checksum(bytes) == bytes.withUnsafeBytes { CRC32C.tableChecksum($0) })
        }
    }

    @Test("what is written is read back")
    func roundTrip() throws {
        var writer = BinaryWriter()
        writer.write(UInt32(0xDEAD_BEEF))
        writer.write(Int128(-5))
        for number: UInt64 in [0, 127, 128, 300, .max] { writer.writeVariable(number) }
        writer.writeCounted("склад")
        var reader = BinaryReader(writer.bytes)
        #expect(try reader.read(UInt32.self) == 0xDEAD_BEEF)
        #expect(try reader.read(Int128.self) == -5)
        for number: UInt64 in [0, 127, 128, 300, .max] { #expect(try reader.readVariable() == number) }
        #expect(try reader.readText() == "склад")
        #expect(reader.isAtEnd)
    }

    @Test("damaged bytes are errors")
    func damage() {
        func reading<Result>(
            _ bytes: [UInt8], _ body: (inout BinaryReader) throws(BinaryReaderError) -> Result
        ) throws(BinaryReaderError) -> Result {
            var reader = BinaryReader(bytes)
            return try body(&reader)
        }
        #expect(throws: BinaryReaderError.truncated(byteOffset: 0)) {
            try reading([1, 2]) { (reader) throws(BinaryReaderError) in try reader.read(UInt32.self) }
        }
        #expect(throws: BinaryReaderError.truncated(byteOffset: 2)) {
            try reading([0x80, 0x80]) { (reader) throws(BinaryReaderError) in try reader.readVariable() }
        }
        #expect(throws: BinaryReaderError.numberTooLarge(byteOffset: 9)) {
            try reading([UInt8](repeating: 0xFF, count: 11)) { (reader) throws(BinaryReaderError) in
                try reader.readVariable()
            }
        }
        #expect(throws: BinaryReaderError.numberTooLarge(byteOffset: 0)) {
            try reading([100, 1]) { (reader) throws(BinaryReaderError) in try reader.readCounted() }
        }
        #expect(throws: BinaryReaderError.notText(byteOffset: 0)) {
            try reading([2, 0xC3, 0x28]) { (reader) throws(BinaryReaderError) in try reader.readText() }
        }
    }
}
