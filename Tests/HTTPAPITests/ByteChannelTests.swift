import Testing

@testable import HTTPAPI

@Suite("Pieces of an answer between a thread and a task")
struct ByteChannelTests {
    struct Broken: Error {}

    @Test("pieces arrive in order, then the end")
    func order() async throws {
        let channel = ByteChannel()
        let reader = ByteChannel.Reader(channel)
        let threads = QueryThreads()
        try await threads.start {
            for number in 0..<50 { _ = channel.send([UInt8(number)]) }
            channel.finish()
        }
        var read: [UInt8] = []
        while let piece = try await reader.next() { read += piece }
        #expect(read == Array(0..<50))
        #expect(try await reader.next() == nil)
    }

    @Test("a failure arrives after the pieces before it")
    func failure() async throws {
        let channel = ByteChannel()
        let reader = ByteChannel.Reader(channel)
        #expect(channel.send([1]))
        channel.finish(Broken())
        #expect(try await reader.next() == [1])
        await #expect(throws: Broken.self) { try await reader.next() }
    }

    @Test("a sender that waits for room learns that the reader has gone")
    func abandoned() async throws {
        let channel = ByteChannel()
        var reader: ByteChannel.Reader? = ByteChannel.Reader(channel)
        let log = RowsLog()
        let threads = QueryThreads()
        try await threads.start {
            while channel.send([0]) { log.produced() }
            log.cancelled()
        }
        #expect(try await eventually { log.chunkCount == ByteChannel.piecesMax })
        #expect(!log.isCancelled)
        #expect(reader != nil)
        reader = nil
        #expect(try await eventually { log.isCancelled && threads.runningCount == 0 })
        #expect(channel.isAbandoned)
    }

    @Test("a cancelled task stops to wait and lets the sender go")
    func cancelled() async throws {
        let channel = ByteChannel()
        let reading = Task { try await ByteChannel.Reader(channel).next() }
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
        #expect(!channel.send([1]))
    }

    @Test("a sender gives up a reader that reads nothing")
    func stalled() async throws {
        let channel = ByteChannel(patience: .milliseconds(20))
        let reader = ByteChannel.Reader(channel)
        for _ in 0..<ByteChannel.piecesMax { #expect(channel.send([1])) }
        #expect(!channel.send([2]))
        for _ in 0..<ByteChannel.piecesMax { #expect(try await reader.next() == [1]) }
        await #expect(throws: ByteChannel.ReaderStalled.self) { try await reader.next() }
    }

    @Test("a channel may end with any number of pieces unread", arguments: 0...ByteChannel.piecesMax)
    func unread(pieces: Int) {
        let channel = ByteChannel()
        for _ in 0..<pieces { #expect(channel.send([1])) }
    }

    @Test("durations reach Dispatch to the microsecond and never overflow")
    func durations() {
        #expect(Duration.milliseconds(1500).dispatchInterval == .microseconds(1_500_000))
        #expect(Duration.seconds(Int64.max).dispatchInterval == .never)
    }
}
