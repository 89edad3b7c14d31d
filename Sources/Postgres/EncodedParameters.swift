/// The arrays that libpq wants for the parameters of one statement, alive as long as this object.
final class EncodedParameters {
    private(set) var types: [UInt32] = []
    private(set) var values: [UnsafePointer<CChar>?] = []
    private(set) var lengths: [Int32] = []
    private(set) var formats: [Int32] = []
    private static let byteaOID: UInt32 = 17

    /// - Throws: `.server` 22021 for text with a zero byte, 54000 for a value over 1 GB, as the server would.
    init(_ parameters: [PostgresValue]) throws(PostgresError) {
        values.reserveCapacity(parameters.count)
        for parameter in parameters {
            if case .bytes(let bytes) = parameter {
                add(try copy(bytes), count: bytes.count, isBinary: true)
            } else if var text = parameter.text {
                let copied = text.withUTF8 { bytes in (Self.copy(bytes), bytes.contains(0)) }
                add(copied.0, count: text.utf8.count, isBinary: false)
                if copied.1 {
                    throw .server(
                        PostgresError.ServerError(
                            sqlState: "22021",
                            message: "invalid byte in text for parameter \(values.count): 0x00"))
                }
            } else {
                add(nil, count: 0, isBinary: false)
            }
        }
    }

    deinit {
        for value in values { value?.deallocate() }
    }

    private func add(_ value: UnsafePointer<CChar>?, count: Int, isBinary: Bool) {
        types.append(isBinary ? Self.byteaOID : 0)
        values.append(value)
        lengths.append(Int32(clamping: count))
        formats.append(isBinary ? 1 : 0)
    }

    private func copy(_ bytes: [UInt8]) throws(PostgresError) -> UnsafePointer<CChar>? {
        guard bytes.count < 1 << 30 else {
            throw .server(
                PostgresError.ServerError(sqlState: "54000", message: "value too long: \(bytes.count) bytes"))
        }
        return bytes.withUnsafeBufferPointer(Self.copy)
    }

    /// A copy with a zero byte at its end.
    private static func copy(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafePointer<CChar>? {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes.count + 1, alignment: 1)
        if let source = bytes.baseAddress { memory.copyMemory(from: source, byteCount: bytes.count) }
        memory.storeBytes(of: 0, toByteOffset: bytes.count, as: UInt8.self)
        return UnsafePointer(memory.bindMemory(to: CChar.self, capacity: bytes.count + 1))
    }
}
