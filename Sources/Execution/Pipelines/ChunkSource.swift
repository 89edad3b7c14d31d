import Columns
import Storage

/// Finds the tables of a plan. The store's snapshot is one; tests bring their own.
public protocol TableSource: Sendable {
    /// A source of the node's columns. It may skip what the node's predicates exclude, and need not: the
    /// executor applies `filter` itself.
    func source(for scan: ScanNode) throws(ExecutionError) -> any ChunkSource
}

/// Rows in morsels that workers take one at a time.
public protocol ChunkSource: Sendable {
    var morselCount: Int { get }
    /// Whether the rows come in an order that must be kept: then one worker reads all morsels.
    var isOrdered: Bool { get }
    func makeReader() throws(ExecutionError) -> any ChunkReader
}

/// A source that evaluates a part of its scan's filter itself.
protocol FilteringSource: ChunkSource {
    /// What is left to evaluate; nil for nothing.
    var remainingFilter: Expression? { get }
}

/// A reader that knows what its source left out.
protocol CountingReader: ChunkReader {
    var counters: SkipCounters { get }
}

/// Reads the chunks of one morsel after the other; used by one worker.
public protocol ChunkReader: AnyObject {
    /// Starts a morsel; false when it is skipped.
    func open(morsel: Int) throws(ExecutionError) -> Bool
    /// The next chunk of the open morsel, nil at its end. May carry a selection.
    func next() throws(ExecutionError) -> DataChunk?
}

/// A reader whose morsels may give far more rows than anything holds: it hands them on itself.
protocol PushingReader: ChunkReader {
    /// Called once after `open`. Ends early when `isStopped` says that nobody wants more.
    func push(into consumer: ChunkConsumer, isStopped: () -> Bool) throws(ExecutionError)
}

/// Chunks in memory, each a morsel.
public struct MemorySource: ChunkSource {
    public let chunks: [DataChunk]
    public let isOrdered: Bool

    public init(chunks: [DataChunk], isOrdered: Bool = false) {
        self.chunks = chunks
        self.isOrdered = isOrdered
    }

    public var morselCount: Int { chunks.count }

    public func makeReader() -> any ChunkReader { Reader(chunks) }

    private final class Reader: ChunkReader {
        private let chunks: [DataChunk]
        private var current: DataChunk?

        init(_ chunks: [DataChunk]) { self.chunks = chunks }

        func open(morsel: Int) -> Bool {
            current = chunks[morsel]
            return true
        }

        func next() -> DataChunk? {
            defer { current = nil }
            return current
        }
    }
}
