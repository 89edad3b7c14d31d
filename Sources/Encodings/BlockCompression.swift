import CLZ4
import CZstd

/// General compression of blocks on disk. Blocks in memory are never compressed.
public enum BlockCompression: UInt8, Sendable, Hashable {
    case none = 0
    case zstd = 1
    case lz4 = 2

    /// A block is kept compressed only if that saves at least this share of it.
    static let savingMin = 0.05
    /// A larger block is first tried on its beginning.
    private static let sampleBytes = 32 * 1024
    /// Bytes of each part that an estimate compresses.
    private static let estimateBytes = 8 * 1024
    /// Below this no codec pays for its frame.
    private static let blockBytesMin = 48

    /// Appends `source` to `target`, compressed if that pays.
    ///
    /// - Returns: The codec whose form was appended: `self` or `.none`.
    public func append(_ source: UnsafeRawBufferPointer, level: Int, to target: RawBytes) -> BlockCompression
    {
        guard let base = source.baseAddress else { return .none }
        if self != .none && source.count >= Self.blockBytesMin {
            let sample = UnsafeRawBufferPointer(start: base, count: min(source.count, Self.sampleBytes))
            let start = target.count
            if source.count > 2 * Self.sampleBytes {
                let promising = compress(sample, level: level, into: target)
                target.shrink(to: start)
                if !promising {
                    target.append(base, byteCount: source.count)
                    return .none
                }
            }
            if compress(source, level: level, into: target) { return self }
            target.shrink(to: start)
        }
        target.append(base, byteCount: source.count)
        return .none
    }

    /// About the bytes that `append` would add, from a sample of the block's beginning and middle.
    ///
    /// - Parameter scratch: Empty space to compress to, left empty.
    func estimate(_ source: UnsafeRawBufferPointer, level: Int, scratch: RawBytes) -> Int {
        guard self != .none, source.count >= Self.blockBytesMin, let base = source.baseAddress else {
            return source.count
        }
        let part = Self.estimateBytes
        let parts =
            source.count <= 2 * part
            ? [0..<source.count] : [0..<part, source.count / 2..<source.count / 2 + part]
        var sampled = 0
        for range in parts {
            _ = compress(
                UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count), level: level,
                into: scratch)
            sampled += range.count
        }
        let share = Double(scratch.count) / Double(sampled)
        scratch.shrink(to: 0)
        return share <= 1 - Self.savingMin ? Int(Double(source.count) * share) : source.count
    }

    /// Appends the compressed form; false when it does not save enough.
    private func compress(_ source: UnsafeRawBufferPointer, level: Int, into target: RawBytes) -> Bool {
        let start = target.count
        let bound =
            self == .zstd ? ZSTD_compressBound(source.count) : Int(LZ4_compressBound(Int32(source.count)))
        let space = target.extend(byBytes: bound)
        let written: Int
        if self == .zstd {
            let result = ZSTD_compress(space, bound, source.baseAddress, source.count, Int32(level))
            guard ZSTD_isError(result) == 0 else { return false }
            written = result
        } else {
            written = Int(
                LZ4_compress_default(
                    source.baseAddress?.assumingMemoryBound(to: CChar.self),
                    space.assumingMemoryBound(to: CChar.self),
                    Int32(source.count), Int32(bound)))
            guard written > 0 else { return false }
        }
        target.shrink(to: start + written)
        return Double(written) <= Double(source.count) * (1 - Self.savingMin)
    }

    /// Fills `target` from a stored block. The block must decompress to exactly `target.count` bytes.
    public func decompress(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(EncodingError) {
        switch self {
        case .none:
            guard source.count == target.count else {
                throw .malformed(what: "size of an uncompressed block", value: source.count)
            }
            target.copyMemory(from: source)
        case .zstd:
            let result = DecompressionContexts.withContext { context in
                ZSTD_decompressDCtx(
                    context, target.baseAddress, target.count, source.baseAddress, source.count)
            }
            guard ZSTD_isError(result) == 0, result == target.count else {
                throw .decompressionFailed(codec: "zstd")
            }
        case .lz4:
            guard source.count <= Int(Int32.max), target.count <= Int(Int32.max) else {
                throw .tooLarge(what: "lz4 block", bytes: target.count)
            }
            let result = LZ4_decompress_safe(
                source.baseAddress?.assumingMemoryBound(to: CChar.self),
                target.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(source.count),
                Int32(target.count))
            guard Int(result) == target.count else { throw .decompressionFailed(codec: "lz4") }
        }
    }
}
