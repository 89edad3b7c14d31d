/// States, custom fields and price types: what an account has configured, the same in every shop.
extension Shop {
    static let counterpartyStates = [
        StateRow(name: "Новый", color: 15_106_326, kind: "Regular"),
        StateRow(name: "Постоянный", color: 40_931, kind: "Successful"),
        StateRow(name: "Потерян", color: 15_280_409, kind: "Unsuccessful"),
    ]
    static let orderStates = [
        StateRow(name: "Новый", color: 15_106_326, kind: "Regular"),
        StateRow(name: "Подтвержден", color: 40_931, kind: "Regular"),
        StateRow(name: "Собран", color: 8_767_198, kind: "Regular"),
        StateRow(name: "Отгружен", color: 10_774_205, kind: "Regular"),
        StateRow(name: "Доставлен", color: 8_825_440, kind: "Successful"),
        StateRow(name: "Возврат", color: 15_280_409, kind: "Unsuccessful"),
        StateRow(name: "Отменен", color: 15_280_409, kind: "Unsuccessful"),
    ]
    static let demandStates = [
        StateRow(name: "Собирается", color: 15_106_326, kind: "Regular"),
        StateRow(name: "Передан в доставку", color: 10_774_205, kind: "Regular"),
        StateRow(name: "Вручён", color: 8_825_440, kind: "Successful"),
    ]
    static let returnStates = [
        StateRow(name: "На проверке", color: 15_106_326, kind: "Regular"),
        StateRow(name: "Принят", color: 8_825_440, kind: "Successful"),
    ]

    /// The states of a type; the place in the list is the state's number.
    static func states(of type: ObjectType) -> [StateRow] {
        switch type {
        case .counterparty: counterpartyStates
        case .customerOrder: orderStates
        case .demand, .retailDemand: demandStates
        case .salesReturn, .retailSalesReturn: returnStates
        default: []
        }
    }

    /// States have ids of one space; each type takes a stretch of it.
    static func stateOrdinal(type: ObjectType, state: UInt8) -> Int32 {
        Int32(type.code) * 256 + Int32(state)
    }

    static let attributes = [
        AttributeRow(
            type: .customerOrder, name: "Способ доставки", kind: .string,
            choices: ["Курьер", "СДЭК", "Почта России", "Самовывоз"], share: 60),
        AttributeRow(
            type: .customerOrder, name: "Мест", kind: .long, choices: ["1", "2", "3", "5"], share: 30),
        AttributeRow(
            type: .demand, name: "Проверено", kind: .boolean, choices: ["true", "false"], share: 40),
        AttributeRow(
            type: .product, name: "Срок годности, дней", kind: .long, choices: ["30", "180", "365", "730"],
            share: 35),
        AttributeRow(type: .product, name: "Экспорт", kind: .boolean, choices: ["true", "false"], share: 20),
        AttributeRow(
            type: .product, name: "Наценка", kind: .double, choices: ["12.5", "33.3", "7.25"], share: 15),
        AttributeRow(
            type: .counterparty, name: "Откуда узнали", kind: .string,
            choices: ["Реклама", "Друзья", "Поиск"],
            share: 25),
    ]
}
