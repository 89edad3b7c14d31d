import CLZ4
import CZlib
import CZstd

/// The compressions of Parquet pages and Arrow buffers.
enum Codec: Sendable, Hashable {
    case uncompressed
    case snappy
    case gzip
    case zstd
    /// One LZ4 block without a frame.
    case lz4Block
    /// LZ4 blocks behind big-endian lengths, as Hadoop frames them, or one bare block.
    case lz4Hadoop
    /// LZ4 frames with their magic number.
    case lz4Frame

    /// What one page or buffer may decompress to: a few bytes of a damaged file can claim any size.
    static let decompressedBytesMax = 1 << 28
}

/// Decompresses one page after another with the same scratch memory. Owned by one thread.
final class Decompressor {
    private var zstdContext: OpaquePointer?
    private var lz4Context: OpaquePointer?

    init() {}

    deinit {
        ZSTD_freeDCtx(zstdContext)
        LZ4F_freeDecompressionContext(lz4Context)
    }

    /// Fills `target`: `source` must decompress to exactly `target.count` bytes. Never writes beyond it.
    func decompress(
        _ source: UnsafeRawBufferPointer, by codec: Codec, into target: UnsafeMutableRawBufferPointer,
        place: PagePlace
    ) throws(FileFormatError) {
        let isRight =
            switch codec {
            case .uncompressed: copy(source, into: target)
            case .snappy: SnappyDecoder.decode(source, into: target)
            case .gzip: GzipDecoder.decode(source, into: target)
            case .zstd: zstd(source, into: target)
            case .lz4Block: LZ4Blocks.decodeBlock(source, into: target)
            case .lz4Hadoop: LZ4Blocks.decodeHadoop(source, into: target)
            case .lz4Frame: lz4Frame(source, into: target)
            }
        guard isRight else {
            throw place.malformed("\(codec) data do not decompress to \(target.count) bytes")
        }
    }

    private func copy(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
        guard source.count == target.count else { return false }
        target.copyMemory(from: source)
        return true
    }

    private func zstd(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
        let context = zstdContext ?? ZSTD_createDCtx()
        zstdContext = context
        guard let context else { return false }
        let count = ZSTD_decompressDCtx(
            context, target.baseAddress, target.count, source.baseAddress, source.count)
        return ZSTD_isError(count) == 0 && count == target.count
    }

    private func lz4Frame(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        if lz4Context == nil {
            let result = LZ4F_createDecompressionContext(&lz4Context, UInt32(LZ4F_VERSION))
            guard LZ4F_isError(result) == 0 else { return false }
        }
        guard let lz4Context, let sourceBase = source.baseAddress else { return target.isEmpty }
        LZ4F_resetDecompressionContext(lz4Context)
        var taken = 0
        var made = 0
        while true {
            var sourceBytes = source.count - taken
            var targetBytes = target.count - made
            let hint = LZ4F_decompress(
                lz4Context, target.baseAddress.map { $0 + made }, &targetBytes, sourceBase + taken,
                &sourceBytes, nil)
            guard LZ4F_isError(hint) == 0 else { return false }
            taken += sourceBytes
            made += targetBytes
            // 0 says that a frame is complete; another one may follow.
            if hint == 0 && taken == source.count { return made == target.count }
            if sourceBytes == 0 && targetBytes == 0 { return false }
        }
    }
}
