/// How values of a column lie in memory. Kernels are chosen by this, once a chunk.
public enum PhysicalType: UInt8, Hashable, Sendable, CaseIterable {
    /// One byte, 0 or 1.
    case bool = 0
    case int16 = 1
    case int32 = 2
    case int64 = 3
    case int128 = 4
    case float32 = 5
    case float64 = 6
    /// `Interval`, 16 bytes.
    case interval = 7
    /// `StringView`, 16 bytes.
    case string = 8
    /// A uuid as one big-endian number, so that numeric order is the order of its bytes.
    case uint128 = 9

    /// Bytes of one value, which is also the stride of a flat vector.
    public var byteCount: Int {
        switch self {
        case .bool: 1
        case .int16: 2
        case .int32, .float32: 4
        case .int64, .float64: 8
        case .int128, .interval, .string, .uint128: 16
        }
    }
}
