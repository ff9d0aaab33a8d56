"""Which programmes visit the invented sites: how many, how often, by whom, with what kind of notice."""

from dataclasses import dataclass

FIRMS = ("Veritor Assurance", "Sable & Finch Inspection", "Anadolu Denetim", "Lotus Social Compliance")
CERTIFICATION_BODIES = ("Northgate Certification", "Meridian Cert Services")
BETTER_WORK_COUNTRIES = {
    "BD": "Better Work Bangladesh",
    "VN": "Better Work Vietnam",
    "KH": "Better Factories Cambodia",
    "EG": "Better Work Egypt",
    "LK": "Better Work Sri Lanka",
    "PK": "Better Work Pakistan",
}
_ANY, _MOSTLY_ANNOUNCED = (0.4, 0.4, 0.2), (0.7, 0.25, 0.05)

#: Who orders an audit: one of the site's buyers, the facility itself, one of both by chance, or the programme.
BUYER, FACILITY, BUYER_OR_FACILITY = "buyer", "facility", "buyer or facility"


@dataclass(frozen=True)
class Programme:
    """One stream of visits to one site.

    Attributes:
        schemes: Of which one is drawn per site.
        share: Of the eligible sites that are in the programme.
        every_days: Bounds of the interval between two visits of a site.
        kinds: Kind of the first visit, of later ones.
        commissioner: BUYER, FACILITY, BUYER_OR_FACILITY, or the name of the programme.
        commissioner_type: Where the commissioner is a name.
        firms: Whose people make the visit; empty where that depends on the country.
        notice: Shares of announced, semi-announced and unannounced visits.
        visit_days: Bounds of the days that a visit lasts.
        followup_share: Of the full audits that get a follow-up.
        countries: Where the programme works; empty means everywhere.
        initiative: Whose programme it is, or whose members it visits.
        latest_visits: At most so many visits per site.
        plans: Whether visits are known before they happen.
    """

    schemes: tuple[str, ...]
    share: float
    every_days: tuple[int, int]
    kinds: tuple[str, str]
    commissioner: str
    commissioner_type: str = "facility"
    firms: tuple[str, ...] = FIRMS
    notice: tuple[float, float, float] = _ANY
    visit_days: tuple[int, int] = (1, 3)
    followup_share: float = 0.0
    countries: tuple[str, ...] = ()
    initiative: str | None = None
    latest_visits: int = 12
    plans: bool = False


_FULL = ("initial_full", "periodic_full")

PROGRAMMES: tuple[Programme, ...] = (
    Programme(
        ("smeta_4pillar", "smeta_2pillar"), 0.45, (330, 460), _FULL, BUYER_OR_FACILITY,
        followup_share=0.35, plans=True,
    ),
    Programme(("bsci",), 0.35, (350, 650), _FULL, BUYER, followup_share=0.3),
    Programme(("slcp",), 0.3, (340, 400), ("verification", "verification"), FACILITY, notice=_MOSTLY_ANNOUNCED),
    Programme(
        ("better_work",), 0.45, (340, 400), _FULL, "Better Work", "platform", firms=(), notice=(0, 0, 1),
        visit_days=(2, 2), countries=tuple(BETTER_WORK_COUNTRIES),
    ),
    Programme(
        ("sa8000",), 0.1, (355, 375), _FULL, FACILITY, firms=CERTIFICATION_BODIES, visit_days=(2, 4), initiative="sai",
    ),
    Programme(
        ("wrap",), 0.15, (350, 370), ("certification_stage", "recertification"), FACILITY, notice=_MOSTLY_ANNOUNCED,
    ),
    Programme(
        ("fla",), 0.35, (700, 1500), _FULL, "Fair Labor Association", "initiative", firms=("FLA assessors",),
        notice=(0, 0, 1), visit_days=(2, 3), initiative="fla", latest_visits=2,
    ),
    Programme(
        ("fair_wear",), 0.4, (900, 1300), ("verification", "verification"), "Fair Wear Foundation", "initiative",
        firms=("Fair Wear audit team",), notice=_MOSTLY_ANNOUNCED, visit_days=(2, 3), initiative="fair_wear",
    ),
    Programme(
        ("eti_pilot",), 0.03, (2000, 2500), ("pilot", "pilot"), "Ethical Trading Initiative", "initiative",
        firms=("ETI pilot team",), notice=(1, 0, 0), initiative="eti", latest_visits=1,
    ),
    Programme(
        ("accord",), 0.5, (2900, 3000), ("initial_full", "initial_full"), "RMG Sustainability Council", "platform",
        firms=("RSC engineers",), notice=_MOSTLY_ANNOUNCED, countries=("BD",), latest_visits=1,
    ),
    Programme(
        ("fem",), 0.2, (350, 380), ("verification", "verification"), FACILITY, notice=_MOSTLY_ANNOUNCED,
        visit_days=(1, 1), latest_visits=3,
    ),
    Programme(
        ("jo_in",), 0.08, (4000, 4001), ("pilot", "pilot"), "Jo-In", "shared", firms=("Jo-In assessment team",),
        notice=(1, 0, 0), visit_days=(2, 4), countries=("TR",), initiative="jo_in", latest_visits=1,
    ),
)  # fmt: skip

#: A buyer's own programme at one of its suppliers: a stream per site and buyer.
OWN_PROGRAMME = Programme(
    ("brand_programme",), 0.4, (340, 560), _FULL, BUYER, followup_share=0.3, visit_days=(1, 2), plans=True
)
#: Programmes that choose among the suppliers of an initiative's members.
OF_MEMBERS = {"fla": "fla", "fair_wear": "fair_wear"}
#: Of these, whose visits a member may order.
ORDERED_BY_MEMBERS = ("fair_wear",)
#: Programmes whose one report serves every buyer, so that buyers order it together.
POOLED_SCHEMES = ("smeta_4pillar", "bsci")
#: Who visits after a complaint, by initiative: scheme of the visit and the body that orders it.
INVESTIGATORS = {
    "wrc": ("wrc", "Worker Rights Consortium"),
    "fla": ("fla", "Fair Labor Association"),
    "fair_wear": ("fair_wear", "Fair Wear Foundation"),
}
