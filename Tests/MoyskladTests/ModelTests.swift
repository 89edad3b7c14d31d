import Foundation
import Moysklad
import Testing

@Suite("Payloads")
struct ModelTests {
    @Test("a reference's id is the last segment of the path, whatever hangs on the href")
    func references() throws {
        let id = try #require(UUID(uuidString: "66CCBC9F-F7D2-11E5-8A84-BAE500000076"))
        let base = "https://online.moysklad.ru/api/remap/1.2/entity/product"
        let hrefs = [
            "\(base)/\(id.lowercased)", "\(base)/\(id.lowercased)/",
            "\(base)/\(id.lowercased)?expand=supplier",
            "\(base)/\(id.lowercased)/?a=b/c#d", "/entity/product/\(UUID().lowercased)/\(id.lowercased)",
        ]
        for href in hrefs {
            let reference = MoyskladReference(href: Array(href.utf8)[...], type: "variant")
            #expect(reference == MoyskladReference(type: "variant", id: id), "\(href)")
        }
        #expect(
            MoyskladReference(href: Array("\(base)/\(id.lowercased)".utf8)[...], type: nil)?.type == "product"
        )
        for href in [
            "", "/", "https://h/context/employee", "\(base)/\(id.lowercased)x",
            id.lowercased.dropLast() + "g",
        ] {
            #expect(MoyskladReference(href: Array(href.utf8)[...], type: "product") == nil)
        }
    }

    @Test("a demand of the specification has all its fields")
    func demand() throws {
        let document = try TradeDocument(#require(Samples.objects("spec_demand_full").first))
        let raw = try #require(
            JSONSerialization.jsonObject(with: Data(Samples.bytes("spec_demand_full"))) as? [String: Any])
        #expect(document.head.id.lowercased == raw["id"] as? String)
        #expect(document.head.name == raw["name"] as? String)
        #expect(document.moment.description == raw["moment"] as? String)
        #expect(document.base?.type == "customerorder")
        #expect(document.positions.count == ((raw["positions"] as? [String: Any])?["rows"] as? [Any])?.count)
        #expect(document.store?.type == "store")
        #expect(document.agent != nil)
        #expect(document.head.deleted != nil)
    }

    @Test("a product of the specification has its prices and codes")
    func product() throws {
        let item = try CatalogueItem(#require(Samples.objects("spec_product_full").first))
        #expect(item.salePrices.map { $0.value.description } == ["100000"])
        #expect(item.salePrices.first?.priceType?.id.lowercased == "33333333-3333-3333-3333-333333333333")
        #expect(item.buyPrice?.value == ExactDecimal(50000))
        #expect(item.barcodes == ["4600000000001", "CODE128-001"])
        #expect(item.volume?.description == "0.005")
        #expect(item.vat == 20)
        #expect(item.supplier?.type == "organization")
        #expect(item.pathName == "Товары/Электроника")
    }

    @Test("a town is found in parts and in lines")
    func towns() throws {
        func town(_ json: String) throws -> String? {
            let head = #""meta": {}, "id": "40603fbd-019e-11e6-9464-e4de00000086", "#
            return try Party(ObjectReader(JSONDocument(Array("{\(head)\(json)}".utf8)).root)).actualAddress
                .town
        }
        #expect(try town(#""actualAddressFull": {"city": "Казань"}"#) == "Казань")
        #expect(try town(#""actualAddress": "125009, Россия, г Москва, ул Тверская""#) == "Москва")
        #expect(try town(#""actualAddress": "Россия, г.Нижний Новгород, д. 1""#) == "Нижний Новгород")
        #expect(try town(#""actualAddress": "где-то""#) == nil)
    }

    @Test("a field of another type is an error that names it")
    func faults() throws {
        let cases: [(json: String, field: String)] = [
            (#"{"id": "x"}"#, "meta"), (#"{"meta": {}}"#, "id"), (#"{"meta": {}, "id": "x"}"#, "id"),
            (#"{"meta": {}, "id": 5}"#, "id"),
            (Self.document(#""sum": "много""#), "sum"), (Self.document(#""moment": "вчера""#), "moment"),
            (Self.document(#""applicable": 1"#), "applicable"), (Self.document(#""agent": "x""#), "agent"),
            (Self.document(#""positions": {"rows": [{"id": null}]}"#), "positions[0].id"),
        ]
        for (json, field) in cases {
            do {
                _ = try TradeDocument(ObjectReader(JSONDocument(Array(json.utf8)).root))
                Issue.record("accepted: \(json)")
            } catch MoyskladError.field(let path, _) {
                #expect(path == field)
            }
        }
    }

    private static func document(_ field: String) -> String {
        #"{"meta": {}, "id": "40603fbd-019e-11e6-9464-e4de00000086", "created": "2026-01-01 10:00:00", "#
            + field + "}"
    }

    @Test("stock rows name item and store, and keep nil where stock is being counted")
    func stock() throws {
        let rows = try Samples.objects("async_result_stock_bystore").flatMap { try StockRow.rows($0) }
        #expect(rows.count == 4)
        #expect(rows.first?.stock == ExactDecimal(-30))
        #expect(rows.first?.item.type == "product")
        let open =
            #"{"meta": {"href": "/entity/product/40603fbd-019e-11e6-9464-e4de00000086"}, "stockByStore": "#
            + #"[{"meta":"#
            + #" {"href": "/entity/store/40603fbd-019e-11e6-9464-e4de00000087"}, "stock": null}]}"#
        let counted = try StockRow.rows(ObjectReader(JSONDocument(Array(open.utf8)).root))
        #expect(counted.map(\.stock) == [nil])
        #expect(counted.first?.store.type == "store")
    }
}

@Suite("The request's echo")
struct RequestEchoTests {
    private func kept(_ text: String) throws -> String {
        String(decoding: try JSONDocument(Array(text.utf8)).root.contentWithoutRequestEcho, as: UTF8.self)
    }

    @Test("paging and our own expansion are cut from hrefs, everything else stays")
    func cut() throws {
        #expect(
            try kept(
                #"{"meta": {"href": "h/1?limit=100&expand=positions"}, "a": [{"href": "h/2?offset=0"}], "#
                    + #""b": 1}"#
            )
                == #"{"meta": {"href": "h/1"}, "a": [{"href": "h/2"}], "b": 1}"#)
        #expect(try kept(#"{"meta": {"href": "h/1?expand=positions"}}"#) == #"{"meta": {"href": "h/1"}}"#)
        for text in [
            #"{"meta": {"href": "h/1?expand=supplier"}}"#, #"{"link": "h/1?limit=5"}"#, #"{"href": "h"}"#,
            "{}", #"["href"]"#,
            #"{"href": {"x": "a?limit=1"}}"#,
        ] {
            #expect(try kept(text) == text)
        }
    }
}
