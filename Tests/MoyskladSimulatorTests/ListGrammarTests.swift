import Testing

@testable import MoyskladSimulator

@Suite("Filters and order")
struct ListGrammarTests {
    private func names(_ filter: String, type: ObjectType = .counterparty, order: String = "") throws
        -> [Int32]
    {
        let request = ListRequest(type: type, filter: filter, search: "", order: order)
        return try ListResult(request, shop: try makeShop(scale: 2000)).ordinals
    }

    private func fault(_ filter: String, type: ObjectType = .customerOrder, order: String = "") -> APIFault? {
        do {
            _ = try names(filter, type: type, order: order)
            return nil
        } catch {
            return error as? APIFault
        }
    }

    @Test("conditions are split at semicolons that are not escaped")
    func splitting() throws {
        let filter = try FilterExpression(#"name=a\;b;updated>=2026-01-01;x~=y"#)
        #expect(filter.fields == ["name", "updated", "x"])
        #expect(filter.conditions["name"]?.first?.value == "a;b")
        #expect(filter.conditions["updated"]?.first?.operation == .atLeast)
        #expect(filter.conditions["x"]?.first?.operation == .startsWith)
    }

    @Test("of two equal comparisons on one field the first holds")
    func firstComparison() throws {
        let filter = try FilterExpression("sum>1;sum>5;sum<9")
        #expect(filter.conditions["sum"]?.map(\.value) == ["1", "9"])
    }

    @Test("equality beside a comparison is a fault")
    func mixedOperators() { #expect(fault("sum=1;sum>5")?.code == 1034) }

    @Test("what cannot be filtered or sorted by is a fault")
    func unknownFields() {
        #expect(fault("color=red")?.code == 1034)
        #expect(fault("moment>=tomorrow")?.code == 1035)
        #expect(fault("applicable=yes")?.code == 1014)
        #expect(fault("nonsense")?.code == 1034)
        #expect(fault("", order: "agent,asc")?.code == 1063)
        #expect(fault("", order: "moment,up")?.code == 1063)
    }

    @Test("repeated equalities are alternatives, repeated inequalities hold together")
    func repetition() throws {
        let all = try names("archived=true;archived=false").count
        let legal = try names("companyType=legal;archived=true;archived=false").count
        let both = try names("companyType=legal;companyType=individual;archived=true;archived=false").count
        let neither = try names("companyType!=legal;companyType!=individual;archived=true;archived=false")
            .count
        #expect(legal > 0 && both > legal && both + neither == all)
    }

    @Test("archived rows come only when asked for")
    func archive() throws {
        let live = try names("", type: .product).count
        let archived = try names("archived=true", type: .product).count
        #expect(live > 0 && archived > 0)
        #expect(try names("archived=true;archived=false", type: .product).count == live + archived)
    }

    @Test("text is compared without case, whole, inside, at the start and at the end")
    func texts() throws {
        #expect(try names("name=розничный ПОКУПАТЕЛЬ") == [0])
        #expect(try names("name~ный покуп") == [0])
        #expect(try names("name~=розничный") == [0])
        #expect(try names("name=~покупатель") == [0])
        #expect(try names("email=").count > 0)
    }

    @Test("references are compared by href, whatever its host")
    func references() throws {
        let shop = try makeShop(scale: 2000)
        let agent = shop[.customerOrder].agents[0]
        let id = shop.identity.text(ObjectReference(type: .counterparty, ordinal: agent))
        let found = try names(
            "agent=https://api.moysklad.ru/x/entity/counterparty/\(id)", type: .customerOrder)
        #expect(!found.isEmpty)
        #expect(found.allSatisfy { shop[.customerOrder].agents[Int($0)] == agent })
        let gone = "00000000-0000-0000-0000-000000000000"
        #expect(try names("agent=http://h/entity/counterparty/\(gone)", type: .customerOrder).isEmpty)
    }

    @Test("documents in the trash are listed only there")
    func deletion() throws {
        var shop = try makeShop(scale: 2000)
        try shop.remove(ObjectReference(type: .demand, ordinal: 3))
        func ordinals(_ filter: String) throws -> [Int32] {
            let request = ListRequest(type: .demand, filter: filter, search: "", order: "")
            return try ListResult(request, shop: shop).ordinals
        }
        #expect(try !ordinals("").contains(3))
        #expect(try !ordinals("isDeleted=false").contains(3))
        #expect(try ordinals("isDeleted=true").isEmpty)
    }

    @Test("order sorts by each key in turn")
    func order() throws {
        let shop = try makeShop(scale: 2000)
        let table = shop[.customerOrder]
        let found = try names("", type: .customerOrder, order: "updated,desc;id")
        #expect(found.count == table.count)
        for (left, right) in zip(found, found.dropFirst()) {
            let (first, second) = (table.updated[Int(left)], table.updated[Int(right)])
            #expect(first >= second)
            guard first == second else { continue }
            let ids = [left, right].map {
                shop.identity.text(ObjectReference(type: .customerOrder, ordinal: $0))
            }
            #expect(ids[0] < ids[1])
        }
    }

    @Test("search finds words by their beginnings")
    func search() throws {
        let shop = try makeShop(scale: 2000)
        let request = ListRequest(type: .counterparty, filter: "", search: "розн покуп", order: "")
        #expect(try ListResult(request, shop: shop).ordinals == [0])
    }

    @Test("a query is decoded, and malformed escapes are a fault")
    func queries() throws {
        let query = try QueryString("filter=name%3D%D0%9C%3Ba&limit=5&x=a+b")
        #expect(query["filter"] == "name=М;a" && query["x"] == "a b")
        #expect(query.moved(limit: 5, offset: 10) == "filter=name%3D%D0%9C%3Ba&x=a+b&limit=5&offset=10")
        #expect(throws: APIFault.self) { try QueryString("a=%zz") }
        #expect(throws: APIFault.self) { try QueryString("a=%D0") }
    }
}
