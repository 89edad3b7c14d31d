import Dispatch
import Synchronization

/// Carries pieces of an answer from the query's thread to the connection's task. The thread waits while
/// `piecesMax` pieces are unread, so that a slow client costs bounded memory.
final class ByteChannel: Sendable {
    static let piecesMax = 8

    fileprivate struct State {
        var pieces: [[UInt8]] = []
        var failure: (any Error)?
        var isFinished = false
        var isAbandoned = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let room = DispatchSemaphore(value: ByteChannel.piecesMax)

    /// Hands over a piece; waits for room. False when the reader has gone.
    func send(_ piece: [UInt8]) -> Bool {
        room.wait()
        let (waiting, isAbandoned) = state.withLock { state in
            state.pieces.append(piece)
            return (state.takeWaiting(), state.isAbandoned)
        }
        waiting?.resume()
        return !isAbandoned
    }

    /// Says that no piece follows, or why.
    func finish(_ failure: (any Error)? = nil) {
        let waiting = state.withLock { state in
            state.isFinished = true
            state.failure = failure
            return state.takeWaiting()
        }
        waiting?.resume()
    }

    /// The reader goes; the sender learns it at its next piece.
    func abandon() {
        state.withLock { $0.isAbandoned = true }
        for _ in 0..<Self.piecesMax { room.signal() }
    }

    /// The next piece; nil after the last.
    ///
    /// - Throws: What `finish` was given, once all pieces before it are read.
    func next() async throws -> [UInt8]? {
        while true {
            let (piece, isFinished, failure) = state.withLock { state in
                (state.pieces.isEmpty ? nil : state.pieces.removeFirst(), state.isFinished, state.failure)
            }
            if let piece {
                room.signal()
                return piece
            }
            if isFinished {
                if let failure { throw failure }
                return nil
            }
            await withCheckedContinuation { continuation in
                let resumeNow = state.withLock { state in
                    if !state.pieces.isEmpty || state.isFinished { return true }
                    state.waiting = continuation
                    return false
                }
                if resumeNow { continuation.resume() }
            }
        }
    }
}

extension ByteChannel.State {
    fileprivate mutating func takeWaiting() -> CheckedContinuation<Void, Never>? {
        defer { waiting = nil }
        return waiting
    }
}
