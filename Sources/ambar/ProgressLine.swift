import Foundation
import Synchronization
import WarehouseEngine

/// One line on a terminal's standard error that is written over and over; nothing where there is no terminal.
final class ProgressLine {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let started = ContinuousClock.now
    private var shown = ContinuousClock.now
    private var isVisible = false

    private static let firstAfter = Duration.seconds(1)
    private static let interval = Duration.milliseconds(200)

    /// Shows `done` of `total` things as a percentage with the time that is left, from the second second on.
    func show(done: Int, of total: Int?, _ text: String) {
        let now = ContinuousClock.now
        guard isTerminal, now - started > Self.firstAfter, now - shown > Self.interval else { return }
        shown = now
        isVisible = true
        var line = text
        if let total, total > 0, done > 0 {
            let elapsed = Double((now - started).components.seconds)
            let left = Int(elapsed / Double(done) * Double(total - done))
            line = "\(done * 100 / total) %  \(text), \(left) s left"
        }
        StandardStreams.write("\r\u{1B}[K\(line)", to: STDERR_FILENO)
    }

    /// Takes the line away.
    func clear() {
        if isVisible { StandardStreams.write("\r\u{1B}[K", to: STDERR_FILENO) }
        isVisible = false
    }
}

/// Sizes for people.
enum ByteText {
    /// `512 B`, `1.4 kB`, `236.1 MB`; thousands, as disks count.
    static func text(_ bytes: Int) -> String {
        var value = Double(bytes)
        for unit in ["B", "kB", "MB", "GB"] {
            if value < 1000 { return unit == "B" ? "\(bytes) B" : String(format: "%.1f %@", value, unit) }
            value /= 1000
        }
        return String(format: "%.1f TB", value)
    }
}

/// The progress of a COPY, told by several threads.
final class CopyProgressLine: Sendable {
    private struct State: @unchecked Sendable {
        // Only touched inside the lock.
        let line = ProgressLine()
        let started = ContinuousClock.now
    }

    private let state = Mutex(State())

    /// Always true: the load goes on.
    func show(_ progress: CopyProgress) -> Bool {
        state.withLock { state in
            let elapsed = state.started.duration(to: .now).components
            let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
            let rate = Int(Double(progress.file.bytesRead) / max(seconds, 0.001))
            let rejected = progress.rejected > 0 ? ", \(progress.rejected) left out" : ""
            state.line.show(
                done: progress.file.bytesRead, of: progress.file.bytesTotal,
                "\(progress.rows) rows\(rejected), \(ByteText.text(rate))/s")
        }
        return true
    }

    func clear() { state.withLock { $0.line.clear() } }
}
