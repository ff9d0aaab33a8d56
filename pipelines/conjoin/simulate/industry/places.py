"""Words and places that the invented industry is made of: cities with their position, streets, names, legal forms.

Cities, regions and postcodes exist; every company, street number and combination of words is made up.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Country:
    """What names and addresses of one country are put together from.

    Attributes:
        code: ISO 3166-1 alpha-2.
        weight: Share of the industry's sites.
        cities: City, region, first postcode of the city, latitude, longitude.
        streets: Templates of the first address line; ``{n}`` is the house or plot, ``{m}`` a second number.
        areas: Quarters and zones, the second address line.
        first: First word of company names.
        second: Second word of company names.
        trades: What the company makes, as its name says it.
        forms: Ways to write the one legal form, full form first; groups are alternatives of companies.
        units: Ways to write the number of a unit; ``{n}`` Arabic, ``{r}`` Roman.
        native: Templates of the name in its own script; ``{a}`` and ``{b}`` are characters drawn from ``letters``.
        letters: Syllables for native names.
    """

    code: str
    weight: float
    cities: tuple[tuple[str, str, str, float, float], ...]
    streets: tuple[str, ...]
    areas: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]
    trades: tuple[str, ...]
    forms: tuple[tuple[str, ...], ...]
    units: tuple[str, ...] = ("Unit {n}", "(Unit-{n})", "Unit {r}", "Unit-{n}", "-{n}", "Factory {n}")
    native: tuple[str, ...] = ()
    letters: str = ""


_SOUTH_ASIA_FORMS = (
    ("(Pvt.) Ltd.", "Private Limited", "Pvt. Ltd.", "Pvt Ltd", "(Private) Limited"),
    ("Limited", "Ltd.", "Ltd"),
)

COUNTRIES: tuple[Country, ...] = (
    Country(
        "TR",
        0.22,
        (
            ("Bağcılar", "İstanbul", "34200", 41.04, 28.85),
            ("Esenyurt", "İstanbul", "34510", 41.03, 28.67),
            ("Çerkezköy", "Tekirdağ", "59500", 41.29, 28.00),
            ("Nilüfer", "Bursa", "16110", 40.21, 28.98),
            ("Gaziemir", "İzmir", "35410", 38.32, 27.13),
            ("Şehitkamil", "Gaziantep", "27600", 37.07, 37.37),
            ("Merkezefendi", "Denizli", "20010", 37.79, 29.06),
            ("Yeşilyurt", "Malatya", "44900", 38.30, 38.25),
        ),
        (
            "{m}. Cadde No: {n}",
            "Güneşli Yolu Caddesi No: {n}",
            "Zafer Sokak No: {n}/{m}",
            "Fatih Caddesi No: {n} Kat: {m}",
        ),
        (
            "Organize Sanayi Bölgesi",
            "Merkez Mahallesi",
            "Yeni Sanayi Mahallesi",
            "Cumhuriyet Mahallesi",
            "Serbest Bölge",
        ),
        (
            "Yıldızlı",
            "Çınar",
            "Gümüşay",
            "Kırlangıç",
            "Şafakoğlu",
            "Bozdağ",
            "İpekyolu",
            "Ulukaya",
            "Denizhan",
            "Akçay",
            "Güneşoğlu",
            "Karadut",
            "Ilgaz",
            "Öztuna",
            "Sümbül",
            "Toprakçı",
            "Üçpınar",
            "Yaylacı",
            "Beşkardeş",
            "Defneli",
            "Erguvan",
            "Fındıklı",
            "Gökırmak",
            "Hisarlı",
            "Kızılcık",
            "Menekşe",
        ),
        (
            "Yol",
            "Işık",
            "Dere",
            "Konak",
            "Tepe",
            "Kent",
            "Han",
            "Orman",
            "Bahçe",
            "Kaya",
            "Pınar",
            "Liman",
            "Köprü",
            "Ova",
        ),
        ("Tekstil", "Konfeksiyon", "Örme", "Giyim", "Denim", "Çorap", "Dokuma", "Boya"),
        (
            ("San. ve Tic. A.Ş.", "Sanayi ve Ticaret Anonim Şirketi", "San. Tic. A.S.", "A.Ş."),
            ("San. ve Tic. Ltd. Şti.", "Sanayi ve Ticaret Limited Şirketi", "Tic. Ltd. Sti.", "Ltd. Şti."),
        ),
        ("Ünite {n}", "Unit {n}", "Ünite-{n}", "{n}. Fabrika", "Fabrika {r}"),
    ),
    Country(
        "BD",
        0.18,
        (
            ("Gazipur", "Dhaka", "1700", 23.99, 90.42),
            ("Savar", "Dhaka", "1340", 23.85, 90.26),
            ("Narayanganj", "Dhaka", "1400", 23.62, 90.50),
            ("Chattogram", "Chattogram", "4200", 22.34, 91.80),
            ("Mymensingh", "Mymensingh", "2200", 24.75, 90.41),
        ),
        ("Plot {n}-{m}, Kashimpur Road", "Holding {n}, Block {m}", "{n}/{m} Baipail Road", "House {n}, Road {m}"),
        ("Konabari", "Ashulia", "Tongi Industrial Area", "Fatullah", "Export Processing Zone", "Zirabo"),
        (
            "Shondha",
            "Kornofuli",
            "Padma",
            "Meghla",
            "Bhorer",
            "Shimul",
            "Polash",
            "Dhansiri",
            "Turag",
            "Surma",
            "Jomuna",
            "Rupsha",
            "Shapla",
            "Krishnachura",
            "Kadam",
            "Bokul",
            "Hijol",
            "Tamal",
            "Doyel",
            "Moyna",
            "Kokil",
            "Titash",
            "Gomti",
            "Ichamati",
            "Ruposhi",
            "Nilima",
        ),
        ("Tara", "Dhara", "Alo", "Nodi", "Akash", "Bagan", "Chhaya", "Megh", "Kuthir", "Bithi", "Sharod", "Falgun"),
        ("Knit Composite", "Apparels", "Fashions", "Sweaters", "Garments", "Denims", "Outerwear", "Textile Mills"),
        (("Limited", "Ltd.", "Ltd", "LTD."), ("(Pvt.) Ltd.", "Pvt. Limited", "Private Limited")),
    ),
    Country(
        "VN",
        0.14,
        (
            ("Thuận An", "Bình Dương", "75200", 10.92, 106.70),
            ("Biên Hòa", "Đồng Nai", "76000", 10.95, 106.82),
            ("Hải Phòng", "Hải Phòng", "18000", 20.86, 106.68),
            ("Nam Định", "Nam Định", "42000", 20.43, 106.17),
            ("Đà Nẵng", "Đà Nẵng", "50000", 16.05, 108.20),
        ),
        ("Lô {n}, Đường số {m}", "Lô C{n}-{m}, KCN", "Số {n} Đường Hùng Vương", "Thửa đất {n}, Tờ bản đồ {m}"),
        ("KCN Sóng Thần", "KCN Bình Hải", "Phường An Phú", "KCN Hòa Xá", "KCN Đông Mai"),
        (
            "Hoa Sen",
            "Ánh Dương",
            "Bình Minh",
            "Trúc Lam",
            "Sao Mai",
            "Biển Xanh",
            "Phương Nam",
            "Việt Thành",
            "Đại Hưng",
            "Kim Long",
            "Thiên Phúc",
            "Thanh Hà",
            "Mai Vàng",
            "Lạc Hồng",
            "Tân Tiến",
            "Gia Khánh",
            "Hồng Đào",
            "Minh Châu",
            "Sông Thu",
            "An Khê",
        ),
        ("Phát", "Lợi", "Thịnh", "Vinh", "Hưng", "Tín", "Quang", "Đức", "Phú", "Long", "Bảo", "Hòa"),
        ("Garment", "May Mặc", "Footwear", "Sportswear", "Textile", "Knitting", "Giày Da"),
        (
            ("Co., Ltd", "Company Limited", "Co. Ltd.", "Co.,Ltd", "TNHH"),
            ("Joint Stock Company", "JSC", "Jsc.", "Công ty Cổ phần"),
        ),
    ),
    Country(
        "IN",
        0.14,
        (
            ("Tiruppur", "Tamil Nadu", "641600", 11.11, 77.34),
            ("Bengaluru", "Karnataka", "560050", 12.97, 77.59),
            ("Gurugram", "Haryana", "122000", 28.46, 77.03),
            ("Noida", "Uttar Pradesh", "201300", 28.57, 77.32),
            ("Ludhiana", "Punjab", "141000", 30.90, 75.86),
            ("Panipat", "Haryana", "132100", 29.39, 76.97),
        ),
        ("Plot No. {n}, Sector {m}", "S.F. No. {n}/{m}, Avinashi Road", "No. {n}, {m}nd Phase", "Survey No. {n}/{m}"),
        ("Peenya Industrial Area", "Pace City", "Anupparpalayam", "Focal Point", "Hosiery Complex", "RIICO Area"),
        (
            "Neelkanth",
            "Vaigai",
            "Kaveri",
            "Marudhar",
            "Suryodaya",
            "Chandrika",
            "Ashwini",
            "Bhavani",
            "Devgiri",
            "Gomati",
            "Himadri",
            "Indravati",
            "Jagriti",
            "Kalyani",
            "Lalitya",
            "Mandakini",
            "Nandini",
            "Parijat",
            "Rohini",
            "Saraswat",
            "Tungabhadra",
            "Udaygiri",
            "Vasundhara",
            "Yamini",
        ),
        ("Silai", "Rang", "Sutra", "Vastra", "Dhaga", "Kala", "Resham", "Kapas", "Bunai", "Tana", "Pallav", "Kiran"),
        ("Exports", "Knits", "Garments", "Threads", "Clothing", "Home Textiles", "Apparels", "Fabrics"),
        _SOUTH_ASIA_FORMS,
    ),
    Country(
        "CN",
        0.14,
        (
            ("Ningbo", "Zhejiang", "315000", 29.87, 121.55),
            ("Dongguan", "Guangdong", "523000", 23.02, 113.75),
            ("Suzhou", "Jiangsu", "215000", 31.30, 120.62),
            ("Quanzhou", "Fujian", "362000", 24.87, 118.68),
            ("Qingdao", "Shandong", "266000", 36.07, 120.38),
        ),
        ("No. {n} Xinghai South Road", "Building {m}, No. {n} Lianhu Road", "No. {n} Gongye {m} Road"),
        ("Beilun District", "Hengli Town", "Economic Development Zone", "Second Industrial Zone", "Kunshan Town"),
        (
            "Qingqiao",
            "Yunfan",
            "Jinxi",
            "Hongtai",
            "Longxiang",
            "Ruifeng",
            "Shengda",
            "Tianyi",
            "Weihua",
            "Xinyue",
            "Yongli",
            "Zhenghe",
            "Haoyuan",
            "Jiale",
            "Kangsheng",
            "Mingzhu",
            "Baihe",
            "Chunlan",
        ),
        ("Xing", "Fa", "Da", "Mei", "Hua", "Tai", "Feng", "Ya", "Bo", "Rong", "Heng", "Qi", "Lan", "Shi"),
        ("Knitting", "Garment", "Footwear", "Textile", "Clothing", "Dyeing and Finishing"),
        (("Co., Ltd.", "Co.,Ltd", "Co. Ltd", "Company Limited", "Co.,TLD"),),
        native=("{a}{b}针织有限公司", "{a}{b}服饰有限公司", "{a}{b}制衣有限公司"),
        letters="青桥云帆锦溪宏泰龙翔瑞丰盛达天逸伟华新月永利正和浩源佳乐康明珠百荷春兰",
    ),
    Country(
        "LK",
        0.04,
        (
            ("Biyagama", "Western", "11650", 6.95, 79.98),
            ("Katunayake", "Western", "11450", 7.17, 79.88),
            ("Galle", "Southern", "80000", 6.05, 80.22),
        ),
        ("Lot {n}, Export Processing Zone", "No. {n}/{m} Colombo Road", "{n} Ring Road {m}"),
        ("Biyagama", "Seethawaka", "Free Trade Zone", "Malwatta"),
        ("Samanala", "Olu", "Nelum", "Araliya", "Mahaweli", "Kelani", "Sinharaja", "Ranwala", "Pinnawala", "Hantana"),
        ("Gama", "Watta", "Ella", "Tara", "Mal", "Ruwan", "Siri", "Kanda"),
        ("Apparel", "Lingerie", "Garments", "Clothing"),
        (("(Private) Limited", "(Pvt) Ltd", "Pvt. Ltd.", "Private Ltd"),),
    ),
    Country(
        "PK",
        0.05,
        (
            ("Faisalabad", "Punjab", "38000", 31.42, 73.08),
            ("Karachi", "Sindh", "74900", 24.86, 67.01),
            ("Lahore", "Punjab", "54000", 31.55, 74.34),
            ("Sialkot", "Punjab", "51310", 32.49, 74.53),
        ),
        ("{n} km Sheikhupura Road", "Plot {n}, Sector {m}", "{n}-{m} Ferozepur Road"),
        ("Khurrianwala", "Korangi Industrial Area", "Kot Lakhpat", "Small Industries Estate"),
        ("Sutlej", "Chenab", "Ravi", "Jhelum", "Khyber", "Margalla", "Shalimar", "Gulberg", "Naran", "Hunza", "Kaghan"),
        ("Noor", "Zari", "Mehr", "Roshan", "Bahar", "Anmol", "Shah", "Tariq"),
        ("Hosiery", "Textile Mills", "Sports Wear", "Knitwear", "Denim"),
        _SOUTH_ASIA_FORMS,
    ),
    Country(
        "KH",
        0.04,
        (
            ("Phnom Penh", "Phnom Penh", "120000", 11.56, 104.92),
            ("Kandal Stueng", "Kandal", "080500", 11.40, 104.85),
            ("Kampong Speu", "Kampong Speu", "050000", 11.45, 104.52),
        ),
        ("National Road {m}, Plot {n}", "Street {n}, Building {m}", "Veng Sreng Road, Lot {n}"),
        ("Sangkat Chaom Chau", "Phum Trapeang Chhneang", "Special Economic Zone", "Khan Dangkao"),
        ("Mekong", "Tonle", "Angkor", "Apsara", "Bayon", "Kravan", "Bokor", "Rumduol", "Kulen", "Preah Vihear"),
        ("Lotus", "Star", "Palm", "River", "Sun", "Gold", "Moon", "Rice"),
        ("Garment (Cambodia)", "Footwear (Cambodia)", "Apparel (Cambodia)", "Knitting (Cambodia)"),
        (("Co., Ltd.", "Co.,Ltd", "Co. Ltd", "Company Limited"),),
    ),
    Country(
        "EG",
        0.03,
        (
            ("10th of Ramadan", "Sharqia", "44629", 30.30, 31.75),
            ("Port Said", "Port Said", "42511", 31.25, 32.28),
            ("Alexandria", "Alexandria", "21500", 31.18, 29.93),
        ),
        ("Plot {n}, Block {m}", "{n} Industrial Street {m}", "Piece {n}, Zone B{m}"),
        ("Industrial City", "Public Free Zone", "Second Industrial Zone"),
        ("Nile", "Delta", "Lotus", "Pyramid", "Sinai", "Fayoum", "Aswan", "Luxor", "Rosetta", "Siwa"),
        ("Crescent", "Palm", "Cotton", "Pearl", "Falcon", "Oasis", "Horizon", "Gate"),
        ("Denim", "Garments", "Readymade Garments", "Spinning"),
        (("S.A.E.", "SAE", "S.A.E"), ("LLC", "L.L.C.")),
    ),
    Country(
        "PT",
        0.02,
        (
            ("Barcelos", "Braga", "4750-200", 41.53, -8.61),
            ("Guimarães", "Braga", "4800-300", 41.44, -8.29),
            ("Santo Tirso", "Porto", "4780-400", 41.34, -8.48),
        ),
        ("Rua do Moinho {n}", "Avenida da Indústria {n}, Fração {m}", "Travessa das Flores {n}"),
        ("Zona Industrial", "Lugar de Além", "Parque Empresarial", "Freguesia de São Martinho"),
        ("Malhas", "Têxtil", "Confecções", "Fiação", "Tinturaria", "Meias"),
        ("Ribeira", "Serra", "Fonte", "Carvalho", "Moinho", "Oliveira", "Aurora", "Estrela", "Lameiras", "Penedo"),
        ("Alta", "do Minho", "Nova", "do Ave", "Velha", "Irmãos"),
        (("Lda.", "Lda", "Limitada"), ("S.A.", "SA")),
    ),
)

#: Words that people shorten, and how.
SHORT_FORMS: dict[str, str] = {
    "Tekstil": "Teks.", "Konfeksiyon": "Konf.", "Garments": "Gmts", "Apparels": "Apparel", "Industrial": "Indl.",
    "Exports": "Export", "Footwear": "Ftwr", "Composite": "Comp.", "Textile": "Tex", "Knitting": "Knit",
    "Fashions": "Fashion", "Clothing": "Cloth.", "Sweaters": "Sweater",
}  # fmt: skip
STREET_SHORT_FORMS: dict[str, str] = {
    "Road": "Rd.", "Caddesi": "Cad.", "Cadde": "Cad.", "Sokak": "Sok.", "Mahallesi": "Mah.", "Street": "St.",
    "Organize Sanayi Bölgesi": "OSB", "Industrial Area": "I/A", "Avenida": "Av.", "Rua": "R.", "Building": "Bldg",
    "Plot": "Plot #", "Export Processing Zone": "EPZ", "No. ": "No ", "Đường": "Đ.",
}  # fmt: skip
FACILITY_TYPES = ("Cut and sew", "Knitting", "Dyeing and finishing", "Washing", "Printing", "Footwear assembly")
