import CZstd
import Synchronization

/// Contexts of zstd that wait for their next block: making one takes 150 KB of fresh memory, which costs more
/// than decompressing a small block.
///
/// At most `keptMax` wait; more may be in use at a time.
enum DecompressionContexts {
    private struct Context: @unchecked Sendable {
        // Used by one thread at a time: it is taken out of the list before.
        let pointer: OpaquePointer
    }

    private static let keptMax = 16
    private static let waiting = Mutex<[Context]>([])

    /// - Parameter body: Gets nil when memory is out.
    static func withContext<Result>(_ body: (OpaquePointer?) -> Result) -> Result {
        let known = waiting.withLock { $0.popLast() }
        guard let context = known ?? ZSTD_createDCtx().map({ Context(pointer: $0) }) else { return body(nil) }
        defer {
            let isKept = waiting.withLock { waiting in
                guard waiting.count < keptMax else { return false }
                waiting.append(context)
                return true
            }
            if !isKept { ZSTD_freeDCtx(context.pointer) }
        }
        return body(context.pointer)
    }
}
