import Dispatch
import Synchronization

/// Carries pieces of an answer from the query's thread to the connection's task. The thread waits while
/// `piecesMax` pieces are unread, so that a slow client costs bounded memory, and gives up a client that
/// reads nothing for a while, so that it costs a thread only so long.
final class ByteChannel: Sendable {
    static let piecesMax = 8
    static let patienceStandard: Duration = .seconds(30)

    struct ReaderStalled: Error, CustomStringConvertible {
        let description = "the client reads too slowly"
    }

    private struct State {
        var pieces: [[UInt8]] = []
        var failure: (any Error)?
        var isFinished = false
        var isAbandoned = false
        var waiting: CheckedContinuation<Void, Never>?

        mutating func takeWaiting() -> CheckedContinuation<Void, Never>? {
            defer { waiting = nil }
            return waiting
        }
    }

    private let state = Mutex(State())
    private let patience: Duration
    /// Room for pieces. Begins at zero and is filled up at once: a semaphore that ends below the value that
    /// it was made with stops the process.
    private let room = DispatchSemaphore(value: 0)

    /// - Parameter patience: How long `send` waits for room.
    init(patience: Duration = ByteChannel.patienceStandard) {
        self.patience = patience
        for _ in 0..<Self.piecesMax { room.signal() }
    }

    /// Whether the reader has gone: further pieces are for nobody.
    var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

    /// Hands over a piece; waits for room. False when nobody will read it.
    func send(_ piece: [UInt8]) -> Bool {
        guard room.wait(timeout: .now() + patience.dispatchInterval) == .success else {
            finish(ReaderStalled())
            return false
        }
        let (waiting, isWanted) = state.withLock { state in
            guard !state.isAbandoned else { return (state.takeWaiting(), false) }
            state.pieces.append(piece)
            return (state.takeWaiting(), true)
        }
        waiting?.resume()
        return isWanted
    }

    /// Says that no piece follows, or why.
    func finish(_ failure: (any Error)? = nil) {
        let waiting = state.withLock { state in
            guard !state.isFinished else { return state.takeWaiting() }
            state.isFinished = true
            state.failure = failure
            return state.takeWaiting()
        }
        waiting?.resume()
    }

    fileprivate func abandon() {
        let waiting = state.withLock { state in
            state.isAbandoned = true
            state.pieces = []
            return state.takeWaiting()
        }
        waiting?.resume()
        room.signal()
    }

    fileprivate func next() async throws -> [UInt8]? {
        while true {
            let taken = try state.withLock { state -> (piece: [UInt8]?, isLast: Bool) in
                if state.isAbandoned { throw CancellationError() }
                if !state.pieces.isEmpty { return (state.pieces.removeFirst(), false) }
                if state.isFinished, let failure = state.failure { throw failure }
                return (nil, state.isFinished)
            }
            if let piece = taken.piece {
                room.signal()
                return piece
            }
            if taken.isLast { return nil }
            await withCheckedContinuation { continuation in
                let resumeNow = state.withLock { state in
                    if !state.pieces.isEmpty || state.isFinished || state.isAbandoned { return true }
                    state.waiting = continuation
                    return false
                }
                if resumeNow { continuation.resume() }
            }
        }
    }
}

extension ByteChannel {
    /// The reading end, held by the connection's task alone. Whichever way the task lets go of it (the last
    /// piece, an error, a cancellation, an answer that is never written), the sender learns it at its next
    /// piece.
    final class Reader: Sendable {
        private let channel: ByteChannel

        init(_ channel: ByteChannel) { self.channel = channel }

        deinit { channel.abandon() }

        /// The next piece; nil after the last. A cancelled task lets go of the channel.
        ///
        /// - Throws: What `finish` was given, once all pieces before it are read; `CancellationError`.
        func next() async throws -> [UInt8]? {
            try await withTaskCancellationHandler {
                try await channel.next()
            } onCancel: {
                channel.abandon()
            }
        }

        /// Lets go early.
        func abandon() { channel.abandon() }
    }
}

extension Duration {
    /// To a microsecond, as Dispatch counts time.
    var dispatchInterval: DispatchTimeInterval {
        let (seconds, attoseconds) = components
        let microseconds = Int(clamping: attoseconds / 1_000_000_000_000)
        let (whole, isTooLong) = Int(clamping: seconds).multipliedReportingOverflow(by: 1_000_000)
        return isTooLong ? .never : .microseconds(whole + microseconds)
    }
}
