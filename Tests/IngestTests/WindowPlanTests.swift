import Moysklad
import Testing

@testable import Ingest

@Suite("Windows of a list")
struct WindowPlanTests {
    private let scope = ListScope(type: .demand, since: nil, isByChange: true)
    private func moment(_ second: Int64) -> LocalMoment { LocalMoment(microseconds: second * 1_000_000) }

    @Test("full pages go on, a short one ends")
    func pages() {
        var plan = WindowPlan(since: nil, objectsMax: 10_000)
        #expect(
            plan.arrived(first: "a", last: "b", rowCount: 100, lastUpdated: moment(1), scope: scope) == .next)
        #expect(
            plan.arrived(first: "b", last: "c", rowCount: 40, lastUpdated: moment(2), scope: scope) == .end)
    }

    @Test("an empty list ends at once")
    func empty() {
        var plan = WindowPlan(since: moment(5), objectsMax: 10_000)
        #expect(plan.arrived(first: nil, last: nil, rowCount: 0, lastUpdated: nil, scope: scope) == .end)
    }

    @Test("a list that shifted is read again from the last change that was written")
    func shift() {
        var plan = WindowPlan(since: nil, objectsMax: 10_000)
        #expect(
            plan.arrived(first: "a", last: "b", rowCount: 100, lastUpdated: moment(1), scope: scope) == .next)
        #expect(
            plan.arrived(first: "x", last: "y", rowCount: 100, lastUpdated: moment(2), scope: scope)
                == .shifted(since: moment(1)))
        #expect(
            plan.arrived(first: "a", last: "b", rowCount: 100, lastUpdated: moment(2), scope: scope) == .next)
    }

    @Test("a list that never stands still is taken as it comes after some tries")
    func endlessShift() {
        var plan = WindowPlan(since: nil, objectsMax: 10_000)
        var shifts = 0
        for round in 0..<100 {
            let action = plan.arrived(
                first: "f\(round)", last: "l\(round)", rowCount: 100, lastUpdated: moment(1), scope: scope)
            if case .shifted = action { shifts += 1 }
        }
        #expect(shifts == WindowPlan.shiftsMax)
    }

    @Test("a deep window is left at the last change, unless all changed at once")
    func deep() {
        var plan = WindowPlan(since: nil, objectsMax: 1000)
        var action = WindowPlan.Action.next
        var pages = 0
        while action == .next {
            action = plan.arrived(
                first: "\(pages)", last: "\(pages + 1)", rowCount: 100, lastUpdated: moment(Int64(pages)),
                scope: scope)
            pages += 1
        }
        #expect(action == .newWindow(since: moment(10)) && pages == 11)
        var still = WindowPlan(since: moment(1), objectsMax: 1000)
        for page in 0..<50 {
            #expect(
                still.arrived(
                    first: "\(page)", last: "\(page + 1)", rowCount: 100, lastUpdated: moment(1), scope: scope
                )
                    == .next)
        }
    }

    @Test("progress grows with what is found and never passes its total")
    func meter() {
        var meter = ProgressMeter()
        meter.expect(100, of: "demand")
        meter.begin("store")
        meter.found(total: 2)
        meter.advance(2)
        #expect(meter.progress(elapsed: .seconds(1)).objectsTotal == 102)
        meter.begin("demand")
        meter.advance(60)
        let progress = meter.progress(elapsed: .seconds(2))
        #expect(progress.objectsDone == 62 && progress.objectsTotal == 102 && progress.objectsPerSecond == 31)
        #expect(progress.timeLeft.map { abs($0 / .seconds(1) - 40.0 / 31) < 0.001 } == true)
    }
}
