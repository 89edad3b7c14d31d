/// What of a simulated disk survives a loss of power.
enum PowerLoss {
    private static let sectorBytes = 512

    /// Each unsynced name survives or not, whatever the others do.
    static func survivingNames(
        _ state: SimulatedDisk.State, _ generator: inout SeededGenerator
    ) -> [String: Int] {
        var names = state.durableNames
        let keepsAll = generator.next() % 4 == 0
        for edit in state.unsyncedNames where keepsAll || generator.next() % 2 == 0 {
            names[edit.name] = edit.file
        }
        return names
    }

    /// Bytes of a file afterwards.
    static func survivor(of content: SimulatedContent, _ generator: inout SeededGenerator) -> [UInt8] {
        guard !content.unsynced.isEmpty else { return content.durable }
        switch generator.next() % 5 {
        case 0: return content.durable
        case 1: return content.bytes
        case 2: return prefix(of: content, &generator)
        case 3: return subset(of: content, grows: true, &generator)
        default: return subset(of: content, grows: false, &generator)
        }
    }

    /// The first edits in order, the last of them torn at any byte.
    private static func prefix(
        of content: SimulatedContent, _ generator: inout SeededGenerator
    ) -> [UInt8] {
        var bytes = content.durable
        let count = Int(generator.next() % UInt64(content.unsynced.count + 1))
        for edit in content.unsynced.prefix(count) { SimulatedContent.apply(edit, to: &bytes) }
        if count < content.unsynced.count, case .write(let new, let offset) = content.unsynced[count] {
            let torn = Array(new.prefix(Int(generator.next() % UInt64(new.count + 1))))
            SimulatedContent.apply(.write(torn, offset: offset), to: &bytes)
        }
        return bytes
    }

    /// Any sectors of any edits. With `grows`, the file has got the length of the lost writes, too, and zeros
    /// in their place.
    private static func subset(
        of content: SimulatedContent, grows: Bool, _ generator: inout SeededGenerator
    ) -> [UInt8] {
        var bytes = content.durable
        for edit in content.unsynced {
            guard case .write(let new, let offset) = edit else {
                if generator.next() % 2 == 0 { SimulatedContent.apply(edit, to: &bytes) }
                continue
            }
            if grows && bytes.count < offset + new.count {
                SimulatedContent.resize(&bytes, to: offset + new.count)
            }
            // All, nothing, or a coin for each sector.
            let choice = generator.next() % 3
            if choice == 0 { continue }
            var start = 0
            while start < new.count {
                let end = min(new.count, ((offset + start) / sectorBytes + 1) * sectorBytes - offset)
                if choice == 1 || generator.next() % 2 == 0 {
                    SimulatedContent.apply(
                        .write(Array(new[start..<end]), offset: offset + start), to: &bytes)
                }
                start = end
            }
        }
        return bytes
    }
}
