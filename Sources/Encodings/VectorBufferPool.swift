import Columns

/// Buffers of vectors, used again once nobody else holds them. Owned by one reader; never shared between
/// threads.
public final class VectorBufferPool {
    private var buffers: [VectorBuffer] = []
    private let byteCount: Int
    private var cursor = 0
    /// Buffers made so far: stands still once the scan's chunks are let go of in time.
    public private(set) var madeCount = 0
    /// Buffers kept for another turn; more may be in use at a time, but are not kept.
    private static let keptMax = 8

    /// A pool of buffers of one size.
    public init(byteCount: Int) { self.byteCount = byteCount }

    /// A buffer that nobody else holds; its bytes are undefined.
    public func take() -> VectorBuffer {
        for _ in 0..<buffers.count {
            cursor = cursor &+ 1 < buffers.count ? cursor &+ 1 : 0
            if isKnownUniquelyReferenced(&buffers[cursor]) { return buffers[cursor] }
        }
        let fresh = VectorBuffer(byteCount: byteCount)
        madeCount += 1
        if buffers.count < Self.keptMax { buffers.append(fresh) }
        return fresh
    }
}

/// Scratch memory for decoding one column. Owned by one reader; never shared between threads.
public final class DecodeScratch {
    let words = UnsafeMutablePointer<Int64>.allocate(capacity: DataChunk.capacity + RunRows.slack)
    let codes = UnsafeMutablePointer<UInt32>.allocate(capacity: DataChunk.capacity)
    let pool: VectorBufferPool
    let codePool = VectorBufferPool(byteCount: DataChunk.capacity * 4)

    public init(physical: PhysicalType) {
        pool = VectorBufferPool(byteCount: (DataChunk.capacity + RunRows.slack) * physical.byteCount)
    }

    /// Buffers made so far.
    public var madeCount: Int { pool.madeCount + codePool.madeCount }

    deinit {
        words.deallocate()
        codes.deallocate()
    }
}
