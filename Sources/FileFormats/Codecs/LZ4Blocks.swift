import CLZ4

/// Decodes LZ4 blocks without the LZ4 frame format.
enum LZ4Blocks {
    /// Fills `target` from one block; false when it is damaged or has another size.
    static func decodeBlock(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard source.count <= Int(Int32.max), target.count <= Int(Int32.max) else { return false }
        guard let start = source.baseAddress?.assumingMemoryBound(to: CChar.self) else { return false }
        guard let output = target.baseAddress?.assumingMemoryBound(to: CChar.self) else {
            // An empty page is one token of zero literals.
            return source.count == 1 && start[0] == 0
        }
        let count = LZ4_decompress_safe(start, output, Int32(source.count), Int32(target.count))
        return Int(count) == target.count
    }

    /// Fills `target` from blocks that each stand behind two big-endian lengths (decompressed, compressed),
    /// or else from one bare block: writers disagreed on what the Parquet codec LZ4 means.
    static func decodeHadoop(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        decodeFramed(source, into: target) || decodeBlock(source, into: target)
    }

    private static func decodeFramed(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        var taken = 0
        var made = 0
        while source.count - taken >= 8 {
            let decompressedBytes = Int(
                UInt32(bigEndian: source.loadUnaligned(fromByteOffset: taken, as: UInt32.self)))
            let compressedBytes = Int(
                UInt32(bigEndian: source.loadUnaligned(fromByteOffset: taken + 4, as: UInt32.self)))
            taken += 8
            guard compressedBytes <= source.count - taken, decompressedBytes <= target.count - made else {
                return false
            }
            let block = UnsafeRawBufferPointer(rebasing: source[taken..<(taken + compressedBytes)])
            let output = UnsafeMutableRawBufferPointer(
                rebasing: target[made..<(made + decompressedBytes)])
            guard decodeBlock(block, into: output) else { return false }
            taken += compressedBytes
            made += decompressedBytes
        }
        return taken == source.count && made == target.count
    }
}
