import Foundation
import Moysklad
import SystemOfRecord

extension SyncRun {
    /// Vanished objects that are looked up one by one before they are believed to be gone.
    private static let lookedUpMax = 50
    /// A drop of more than this many objects and this share of them is not believed.
    private static let dropCountMax = 50
    private static let dropShareMax = 0.3

    /// Finds what was deleted, and what was missed: if the counts agree there is neither.
    func reconcile(_ type: EntityType) async throws(IngestError) {
        let scope = ListScope(type: type, since: nil, isByChange: false)
        let listed: Int
        do throws(MoyskladError) {
            listed = try await client.count(scope.request(offset: 0))
        } catch {
            throw .moysklad(error)
        }
        let known = try await recordCall { record throws(RecordError) in
            try await record.objectCount(type: type.rawValue)
        }
        guard listed != known else { return }
        let ids = try await listIDs(scope)
        try await fetchMissed(type, listed: ids)
        try await deleteVanished(type, listed: ids)
    }

    /// All ids of a type as Moysklad has them now.
    private func listIDs(_ scope: ListScope) async throws(IngestError) -> Set<UUID> {
        var ids: Set<UUID> = []
        var offset = 0
        var request = scope.request(offset: 0)
        request.expand = nil
        request.limit = ListRequest.limitMax
        while true {
            request.offset = offset
            do throws(MoyskladError) {
                let page = try await client.page(request)
                ids.formUnion(page.rows.compactMap(PageFetcher.id))
                guard page.rows.count == request.limit else { return ids }
            } catch {
                throw .moysklad(error)
            }
            offset += request.limit
        }
    }

    /// Objects that are in Moysklad but not in the record: restored from the trash, or skipped while pages
    /// moved.
    private func fetchMissed(_ type: EntityType, listed: Set<UUID>) async throws(IngestError) {
        let known = try await recordCall { record throws(RecordError) in
            try await record.knownObjects(type: type.rawValue)
        }
        for id in listed.subtracting(known.live).subtracting(known.rejected).sorted(by: {
            $0.uuidString < $1.uuidString
        }) {
            try await fetchOne(type, id)
        }
    }

    /// Deletes what is known but not listed, unless that is too much to be believed.
    func deleteVanished(_ type: EntityType, listed: Set<UUID>) async throws(IngestError) {
        let known = try await recordCall { record throws(RecordError) in
            try await record.knownObjects(type: type.rawValue)
        }
        var vanished = known.live.union(known.rejected).subtracting(listed)
        guard !vanished.isEmpty else { return }
        let share = Double(vanished.count) / Double(max(1, known.live.count))
        guard options.allowsMassDeletion || vanished.count <= Self.dropCountMax || share <= Self.dropShareMax
        else {
            warn(
                "\(vanished.count) of \(known.live.count) objects are gone from \(type.rawValue): not "
                    + "deleted, because "
                    + "the user may have lost a right; allow it if they were really deleted")
            return
        }
        if type.hasUpdated {
            if vanished.count <= Self.lookedUpMax {
                for id in vanished where try await fetchOne(type, id) { vanished.remove(id) }
            } else {
                // Pages that moved while they were read can hide an object once, hardly twice.
                vanished.subtract(try await listIDs(ListScope(type: type, since: nil, isByChange: false)))
            }
        }
        let gone = Array(vanished)
        let count = try await recordCall { record throws(RecordError) in
            try await record.markDeleted(type: type.rawValue, table: PageMapper.table(of: type), ids: gone)
        }
        deleted(count)
    }

    /// Reads one object anew.
    ///
    /// - Returns: Whether it exists and is not in the trash.
    @discardableResult
    private func fetchOne(_ type: EntityType, _ id: UUID) async throws(IngestError) -> Bool {
        let whole: JSONValue
        do throws(MoyskladError) {
            let found = try await client.object(type, id, expand: type.isDocument ? "positions" : nil)
            whole = type.isDocument ? try await client.completed(found, type: type) : found
        } catch {
            guard error.concernsOneResource else { throw .moysklad(error) }
            return false
        }
        guard whole["deleted"] == nil, PageFetcher.id(whole) == id else { return false }
        let fetcher = PageFetcher(client: client, placeNames: placeNames)
        try await write(fetcher.ready([whole], type: type, size: nil), type: type, cursor: nil)
        return true
    }
}
