import Columns

/// A join above wants to leave out early the rows whose column `column` has none of its build keys. Handed
/// down the plan by `PipelineBuilder`, to the scans that the column comes from.
struct KeyDemand {
    var column: Int
    var slot: JoinKeyFilterSlot
}

extension [KeyDemand] {
    /// The demands on the input of a projection: those on plain columns.
    func through(_ expressions: [Expression]) -> [KeyDemand] {
        compactMap { demand in
            guard expressions.indices.contains(demand.column),
                case .column(let index, _) = expressions[demand.column]
            else { return nil }
            return KeyDemand(column: index, slot: demand.slot)
        }
    }

    /// Those on the first `count` columns, and those on the columns after them, counted from 0.
    func split(at count: Int) -> (left: [KeyDemand], right: [KeyDemand]) {
        (
            filter { $0.column < count },
            filter { $0.column >= count }.map { KeyDemand(column: $0.column - count, slot: $0.slot) }
        )
    }
}

extension HashJoinNode {
    /// Whether a left row without a match changes nothing.
    var dropsUnmatchedLeft: Bool {
        switch kind {
        case .inner, .right, .semi, .rightSemi, .rightAnti: true
        case .left, .single, .full, .anti, .nullAwareAnti: false
        }
    }

    /// The demands of the joins above on each side: only on sides whose rows come out as they are.
    func passedOn(_ demands: [KeyDemand]) -> (left: [KeyDemand], right: [KeyDemand]) {
        switch kind {
        case .inner: demands.split(at: left.outputTypes.count)
        case .left, .single: (demands.split(at: left.outputTypes.count).left, [])
        case .right: ([], demands.split(at: left.outputTypes.count).right)
        case .semi, .anti, .nullAwareAnti: (demands, [])
        case .rightSemi, .rightAnti: ([], demands)
        case .full: ([], [])
        }
    }

    /// Filters that the build side can give to the left side's scans, one a key that is a plain column of a
    /// type whose equality is that of its bytes.
    func ownDemands() -> (left: [KeyDemand], slots: [Int: JoinKeyFilterSlot]) {
        guard dropsUnmatchedLeft else { return ([], [:]) }
        var demands: [KeyDemand] = []
        var slots: [Int: JoinKeyFilterSlot] = [:]
        for (number, key) in leftKeys.enumerated() {
            guard case .column(let index, let type) = key, type == rightKeys[number].type else { continue }
            switch type.physical {
            case .int16, .int32, .int64, .int128, .string, .uint128: break
            case .bool, .float32, .float64, .interval: continue
            }
            let slot = JoinKeyFilterSlot()
            slots[number] = slot
            demands.append(KeyDemand(column: index, slot: slot))
        }
        return (demands, slots)
    }
}
