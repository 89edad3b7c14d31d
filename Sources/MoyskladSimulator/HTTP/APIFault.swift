/// An error as the API words it (§6).
struct APIFault: Error, Equatable, Sendable {
    var status: Int
    var code: Int
    var message: String
    var parameter: String?
    var line: Int?
    var column: Int?
    /// Objects that still use the one concerned.
    var dependencies: [ObjectReference] = []

    init(_ status: Int, _ code: Int, _ message: String, parameter: String? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.parameter = parameter
    }

    static let notAuthenticated = APIFault(
        401, 1056,
        "Ошибка аутентификации: Не удалось выполнить вход. Проверьте логин, пароль или токен")
    static let rateExceeded = APIFault(
        429, 1049, "Превышено ограничение на количество запросов в единицу времени")
    static let tooManyParallel = APIFault(
        429, 1073, "Превышено ограничение на одновременное количество запросов")
    static let acceptNotSupported = APIFault(
        400, 1062,
        "Неверное значение заголовка 'Accept'. Укажите значение 'application/json;charset=utf-8'")
    static let contentTypeNotSupported = APIFault(
        415, 1037, "Неверное значение заголовка 'Content-Type'. Укажите значение 'application/json'")
    static let bodyTooLarge = APIFault(413, 1044, "Превышено ограничение на размер запроса: 20 Мб")
    static let methodNotSupported = APIFault(405, 1039, "Метод не поддерживается для данного ресурса")
    static let unknownPath = APIFault(404, 1002, "Неизвестный путь")

    static func unknownType(_ name: String) -> APIFault { APIFault(412, 1005, "Неизвестный тип: '\(name)'") }

    static func malformedID(_ id: String) -> APIFault {
        APIFault(400, 1052, "Неверный формат идентификатора: '\(id)'", parameter: "id")
    }

    static func notFound(_ type: ObjectType, _ id: String) -> APIFault {
        APIFault(404, 1021, "Объект типа '\(type.rawValue)' с идентификатором '\(id)' не найден")
    }

    static func filter(_ message: String, parameter: String) -> APIFault {
        APIFault(412, 1034, "Ошибка фильтрации: \(message)", parameter: parameter)
    }

    static func filterDate(_ text: String, field: String) -> APIFault {
        APIFault(412, 1035, "Ошибка формата: неверный формат даты в фильтре: '\(text)'", parameter: field)
    }

    static func filterValue(_ text: String, field: String) -> APIFault {
        APIFault(412, 1014, "Неверное значение параметра фильтрации '\(field)': '\(text)'", parameter: field)
    }

    static func queryParameter(_ name: String, _ text: String) -> APIFault {
        APIFault(412, 1040, "Неверное значение параметра '\(name)': '\(text)'", parameter: name)
    }

    static func order(_ field: String) -> APIFault {
        APIFault(412, 1063, "Сортировка по полю '\(field)' не поддерживается", parameter: "order")
    }

    static func expand(_ field: String) -> APIFault {
        APIFault(412, 1089, "Expand для поля '\(field)' не поддерживается", parameter: "expand")
    }

    static func missing(_ field: String) -> APIFault {
        APIFault(
            412, 3000, "Ошибка сохранения объекта: поле '\(field)' не может быть пустым или отсутствовать",
            parameter: field)
    }

    static func wrongValue(_ field: String) -> APIFault {
        APIFault(
            400, 2016, "Ошибка формата: значение поля '\(field)' не соответствует типу", parameter: field)
    }

    static func wrongMeta(_ field: String) -> APIFault {
        APIFault(400, 2012, "Ошибка формата: неправильный формат поля 'meta' в '\(field)'", parameter: field)
    }

    init(_ failure: RequestJSON.Failure) {
        switch failure {
        case .malformed(let byteOffset):
            self.init(400, 2001, "Ошибка формата: входные данные не являются корректным JSON")
            line = 1
            column = byteOffset + 1
        case .tooDeep:
            self.init(400, 2006, "Ошибка формата: превышена глубина вложенности JSON")
        case .tooManyElements:
            self.init(413, 2007, "Ошибка формата: превышено максимальное количество элементов массива: 1000")
        }
    }
}
