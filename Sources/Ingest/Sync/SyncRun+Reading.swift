import Foundation
import Moysklad
import SystemOfRecord

extension SyncRun {
    /// Reads the whole list of a type, which is short or has no times of change, and deletes what is not in
    /// it.
    func readWhole(_ type: EntityType, cursor: SyncCursor) async throws(IngestError) {
        var seen: Set<UUID> = []
        var watermark = cursor.watermark
        let scope = ListScope(type: type, since: nil, isByChange: false)
        let fetcher = PageFetcher(client: client, placeNames: placeNames)
        var plan = WindowPlan(since: nil, objectsMax: .max)
        var offset = 0
        while true {
            let fetched = try await result(fetcher.page(scope, offset: offset))
            if let size = fetched.size { found(total: size) }
            seen.formUnion(fetched.ids)
            if let last = fetched.lastUpdated {
                watermark = RecordMoment(
                    microseconds: max(watermark?.microseconds ?? .min, last.microseconds))
            }
            let action = plan.arrived(
                first: fetched.ids.first?.uuidString, last: fetched.ids.last?.uuidString,
                rowCount: fetched.ids.count, lastUpdated: nil, scope: scope)
            if type == .region || type == .country { remember(placeNames: Self.names(fetched.objects)) }
            switch action {
            case .end:
                try await write(
                    fetched, type: type, cursor: SyncCursor(watermark: watermark, isComplete: true))
                return try await deleteVanished(type, listed: seen)
            case .next, .newWindow:
                try await write(fetched, type: type, cursor: nil)
                offset += scope.stride
            case .shifted:
                offset = 0
            }
        }
    }

    /// Reads states or price types, which are not lists of their own.
    func readSettings(_ type: EntityType) async throws(IngestError) {
        var objects: [JSONValue] = []
        do throws(MoyskladError) {
            if type == .pricetype {
                objects = try await client.priceTypes()
            } else {
                for owner in EntityType.withStates { objects += try await states(of: owner) }
            }
        } catch {
            throw .moysklad(error)
        }
        let fetcher = PageFetcher(client: client, placeNames: placeNames)
        let fetched = fetcher.ready(objects, type: type, size: objects.count)
        found(total: objects.count)
        try await write(fetched, type: type, cursor: SyncCursor(isComplete: true))
        try await deleteVanished(type, listed: Set(fetched.ids))
    }

    private func states(of type: EntityType) async throws(MoyskladError) -> [JSONValue] {
        do throws(MoyskladError) {
            return try await client.states(of: type)
        } catch {
            guard error.concernsOneResource else { throw error }
            return []
        }
    }

    /// Reads what changed since the cursor, pages ahead of the one being written.
    func readChanges(_ type: EntityType, cursor: SyncCursor) async throws(IngestError) {
        var since = cursor.watermark.map { moment in
            LocalMoment(microseconds: moment.microseconds - Int64(options.overlap / .microseconds(1)))
        }
        var state = ChangeReading(
            type: type, cursor: cursor, plan: WindowPlan(since: since, objectsMax: options.windowObjectsMax))
        while true {
            let scope = ListScope(type: type, since: since, isByChange: true)
            switch try await readWindow(scope, &state) {
            case .end, .next: return
            case .newWindow(let moment), .shifted(let moment): since = moment
            }
        }
    }

    /// Reads one window to its end, or to where the plan leaves it.
    private func readWindow(
        _ scope: ListScope, _ state: inout ChangeReading
    ) async throws(IngestError) -> WindowPlan.Action {
        let fetcher = PageFetcher(client: client, placeNames: placeNames)
        let first = try await result(fetcher.page(scope, offset: 0))
        let size = first.size ?? 0
        state.expect(size)
        found(total: state.total)
        var action = try await handle(first, scope, &state)
        guard action == .next else { return action }
        let pageCount = max(2, (size - 1) / scope.stride + 1)
        let lastPage = min(pageCount, options.windowObjectsMax / scope.stride + 1)
        let ahead = options.pagesAhead
        // The group is left with its tasks cancelled as soon as the window ends or fails.
        let outcome = await withTaskGroup(of: (Int, Result<FetchedPage, MoyskladError>).self) {
            [state] group -> (Result<WindowPlan.Action, IngestError>, ChangeReading) in
            var state = state
            var waiting: [Int: Result<FetchedPage, MoyskladError>] = [:]
            var submitted = 1
            var wanted = 1
            func submit() {
                let index = submitted
                submitted += 1
                group.addTask { (index, await fetcher.page(scope, offset: index * scope.stride)) }
            }
            while submitted <= ahead, submitted < lastPage { submit() }
            if submitted == 1 { submit() }
            while let (index, fetched) = await group.next() {
                waiting[index] = fetched
                while let page = waiting.removeValue(forKey: wanted) {
                    wanted += 1
                    do throws(IngestError) {
                        let action = try await handle(result(page), scope, &state)
                        guard action == .next else {
                            group.cancelAll()
                            return (.success(action), state)
                        }
                    } catch {
                        group.cancelAll()
                        return (.failure(error), state)
                    }
                    // A list that grew meanwhile has pages beyond those foreseen: one at a time.
                    if submitted < lastPage || submitted == wanted { submit() }
                }
            }
            return (.success(.end), state)
        }
        state = outcome.1
        do throws(IngestError) {
            action = try outcome.0.get()
        } catch {
            throw error
        }
        return action
    }

    private func handle(
        _ fetched: FetchedPage, _ scope: ListScope, _ state: inout ChangeReading
    ) async throws(IngestError) -> WindowPlan.Action {
        let action = state.plan.arrived(
            first: fetched.ids.first?.uuidString, last: fetched.ids.last?.uuidString,
            rowCount: fetched.ids.count,
            lastUpdated: fetched.lastUpdated, scope: scope)
        if case .shifted = action { return action }
        state.advance(to: fetched.lastUpdated, isEnd: action == .end)
        try await write(fetched, type: scope.type, cursor: state.cursor)
        return action
    }

    func result<Value>(_ result: Result<Value, MoyskladError>) throws(IngestError) -> Value {
        switch result {
        case .success(let value): return value
        case .failure(let error): throw .moysklad(error)
        }
    }

    private static func names(_ objects: [JSONValue]) -> [UUID: String] {
        var names: [UUID: String] = [:]
        for object in objects {
            if let id = PageFetcher.id(object), let name = object["name"]?.string { names[id] = name }
        }
        return names
    }
}

/// Where the reading of a type's changes stands.
struct ChangeReading: Sendable {
    let type: EntityType
    var cursor: SyncCursor
    var plan: WindowPlan
    private(set) var total = 0

    init(type: EntityType, cursor: SyncCursor, plan: WindowPlan) {
        self.type = type
        self.cursor = cursor
        self.plan = plan
    }

    /// The first window tells how much there is; later windows are parts of it.
    mutating func expect(_ size: Int) { total = max(total, size) }

    /// The watermark never goes back.
    mutating func advance(to moment: LocalMoment?, isEnd: Bool) {
        if let moment, moment.microseconds > cursor.watermark?.microseconds ?? .min {
            cursor.watermark = RecordMoment(microseconds: moment.microseconds)
        }
        if isEnd { cursor.isComplete = true }
    }
}
