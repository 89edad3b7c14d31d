import Foundation
import Moysklad
import SystemOfRecord

/// A page as fetched: whole objects, and the same ready to be written.
struct FetchedPage: Sendable {
    var objects: [JSONValue]
    var ids: [UUID]
    /// The last change among its objects.
    var lastUpdated: LocalMoment?
    /// How many objects match in all, as far as told.
    var size: Int?
    var page: RecordPage
}

/// Which part of a type's list is read.
struct ListScope: Sendable, Hashable {
    var type: EntityType
    /// Only what changed then or later.
    var since: LocalMoment?
    /// Ordered by change; otherwise by id.
    var isByChange: Bool

    var pageLimit: Int { type.isDocument ? ListRequest.expandedLimitMax : ListRequest.limitMax }

    /// Consecutive pages share one object, by which a shift of the list between two requests shows.
    var stride: Int { pageLimit - 1 }

    func request(offset: Int) -> ListRequest {
        var filters: [String] = []
        if type.isArchivable { filters += ["archived=true", "archived=false"] }
        if let since { filters.append("updated>=\(since)") }
        return ListRequest(
            "entity/\(type.rawValue)", filters: filters, order: isByChange ? "updated,asc;id,asc" : "id,asc",
            expand: type.isDocument ? "positions" : nil, limit: pageLimit, offset: offset)
    }
}

/// Fetches pages and makes them ready to be written.
struct PageFetcher: Sendable {
    let client: MoyskladClient
    let placeNames: [UUID: String]

    func page(_ scope: ListScope, offset: Int) async -> Result<FetchedPage, MoyskladError> {
        do throws(MoyskladError) {
            let listed = try await client.page(scope.request(offset: offset))
            var objects = listed.rows
            if scope.type.isDocument {
                for index in objects.indices {
                    objects[index] = try await client.completed(objects[index], type: scope.type)
                }
            }
            return .success(ready(objects, type: scope.type, size: listed.size))
        } catch {
            return .failure(error)
        }
    }

    /// Makes objects that are at hand ready.
    func ready(_ objects: [JSONValue], type: EntityType, size: Int?) -> FetchedPage {
        let ids = objects.map(Self.id)
        let unique = Self.lastOfEach(objects, ids)
        return FetchedPage(
            objects: unique, ids: ids.compactMap(\.self), lastUpdated: objects.compactMap(Self.updated).max(),
            size: size, page: PageMapper(type: type, placeNames: placeNames).page(unique))
    }

    static func id(_ object: JSONValue) -> UUID? {
        object["id"].flatMap { $0.kind == .string ? UUID(hyphenated: $0.content) : nil }
    }

    private static func updated(_ object: JSONValue) -> LocalMoment? {
        object["updated"]?.string.flatMap { LocalMoment($0.utf8) }
    }

    private static func lastOfEach(_ objects: [JSONValue], _ ids: [UUID?]) -> [JSONValue] {
        var last: [UUID: Int] = [:]
        for (index, id) in ids.enumerated() { if let id { last[id] = index } }
        return objects.indices.filter { index in ids[index].map { last[$0] == index } ?? true }.map {
            objects[$0]
        }
    }
}
