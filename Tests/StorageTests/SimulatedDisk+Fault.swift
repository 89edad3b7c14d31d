import DurableIO

/// What a simulated disk does wrong, and when. Changes (writes, syncs, truncations, made, renamed and removed
/// names) and reads are counted from 1.
enum DiskFault: Sendable, Hashable {
    case none
    /// Power goes at this change: it and everything later fails.
    case powerLoss(atChange: Int)
    /// This change fails with ENOSPC; later ones work.
    case diskFull(atChange: Int)
    /// This change fails with EIO; later ones work.
    case ioError(atChange: Int)
    /// This change and all later ones fail with EIO; reads still work.
    case ioErrors(fromChange: Int)
    /// The first sync of a file from this change on fails, once. The pages that it was to write count as
    /// clean afterwards, so a later sync succeeds without having written them.
    case syncError(fromChange: Int)
    /// This read fails with EIO; later ones work.
    case readError(atRead: Int)
}

/// Kinds of changes, as `DiskFault` counts them.
enum DiskChange: Sendable, Hashable { case create, write, truncate, sync, rename, remove, directory }

/// A write or truncation that no sync has made durable yet.
enum UnsyncedEdit: Sendable {
    case write([UInt8], offset: Int)
    case truncate(Int)
}

/// What a simulated file holds.
struct SimulatedContent: Sendable {
    /// What reads see.
    var bytes: [UInt8] = []
    /// What certainly survives a power loss.
    var durable: [UInt8] = []
    /// Edits that a power loss may drop, in order.
    var unsynced: [UnsyncedEdit] = []

    mutating func apply(_ edit: UnsyncedEdit) {
        Self.apply(edit, to: &bytes)
        unsynced.append(edit)
    }

    static func apply(_ edit: UnsyncedEdit, to bytes: inout [UInt8]) {
        switch edit {
        case .truncate(let count): resize(&bytes, to: count)
        case .write(let new, let offset):
            if bytes.count < offset + new.count { resize(&bytes, to: offset + new.count) }
            put(new[...], at: offset, into: &bytes)
        }
    }

    static func resize(_ bytes: inout [UInt8], to count: Int) {
        if bytes.count > count { bytes.removeLast(bytes.count - count) }
        if bytes.count < count { bytes += [UInt8](repeating: 0, count: count - bytes.count) }
    }

    static func put(_ new: ArraySlice<UInt8>, at offset: Int, into bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { target in
            new.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: target[offset..<(offset + source.count)])
                    .copyMemory(from: source)
            }
        }
    }
}
