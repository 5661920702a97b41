"""The words of the demo company. Every name is invented; every address ends in a reserved domain."""

FIRST_NAMES = (
    "Ada Adil Agnes Aiko Alba Alina Amara Anders Anja Anton Aroha Asha Astrid Ayo Bea Beni Björn Camille Carlos Chiara "
    "Chidi Clara Daniel Daria Deniz Diego Dina Dominik Edith Efua Elena Elif Emil Emma Enzo Erik Esra Eva Farid Felix "
    "Femi Fiona Freya Gabriel Gita Greta Hana Hannes Hugo Ida Ilse Imani Ines Ingrid Ivan Jan Jana Jens Joana Jonas Juan "
    "Julia Kaja Karim Kasia Keiko Kofi Lara Lars Layla Lea Leon Lin Liv Luca Lucia Maja Malik Marek Maria Marta Mateo Maya "
    "Mehmet Mei Mila Milan Mina Mira Moritz Nadia Naomi Nico Nils Nina Noah Nora Olga Omar Otto Paul Paula Pedro Petra Pia "
    "Priya Rafael Rania Ravi Rosa Ruben Sami Sara Selma Sofia Sven Tara Teo Tessa Theo Tomas Uma Vera Viktor Wanda Yara Yusuf Zoe"
).split()

LAST_NAMES = (
    "Abara Acker Adler Alonso Amsel Andersen Aoki Arnaud Bakker Barros Basu Becker Bergman Bianchi Bjork Blum Brandt Bruno "
    "Caldera Castell Cerny Chau Claes Conte Costa Czajka Dahl Danjuma Demir Diallo Dorn Duarte Ekdahl Eklund Engel Ersoy "
    "Falk Farkas Ferrari Fischer Fleury Fonseca Frank Gallo Garnier Geller Grabowski Gruber Haas Hadi Halvorsen Hansen Hara "
    "Hoang Holm Horvat Ibsen Iqbal Isaksen Jansen Joshi Kadlec Kaplan Keita Keller Kimura Klein Kowal Krause Lachance Lange "
    "Larsen Lemaire Lindgren Lobo Lopez Lund Madsen Maier Marin Matos Mensah Meyer Molnar Moreau Nakata Navarro Neumann Nowak "
    "Nyberg Obi Okafor Olsen Ortega Ozturk Palmer Park Pereira Petrov Pohl Quist Rahman Ramos Reis Richter Rivera Rossi Sato "
    "Sauer Schmid Serra Silva Simon Sousa Sundin Szabo Takeda Tanaka Thorn Toth Ulmer Urban Vargas Vogel Wagner Weber Winter "
    "Wolff Yamada Yilmaz Zeller Zieba"
).split()

COMPANY_HEADS = (
    "Alder Amber Anchor Arbor Aspen Atlas Aurora Beacon Birch Blue Bright Cedar Cirrus Clear Cobalt Copper Coral Delta Drift "
    "Echo Elm Ember Fable Fern Field Fjord Flint Forge Fox Garnet Glen Granite Grove Harbor Hazel Heron Indigo Iron Ivory Juniper "
    "Kestrel Lark Laurel Ledger Linden Lumen Maple Marble Meadow Meridian Mill Mint Moss North Oak Ocean Olive Onyx Orbit Osprey "
    "Otter Pine Polar Prairie Quarry Quill Raven Reed Ridge River Rowan Sable Sage Sierra Silver Slate Solar Spruce Stone Summit "
    "Swift Tarn Teal Thistle Tide Timber Topaz Umber Vale Vega Velvet Willow Wren Yarrow Zephyr"
).split()
COMPANY_TAILS = (
    "Analytics Apps Bank Biotech Brands Care Cloud Data Devices Dynamics Energy Foods Freight Health Industries Insurance Labs "
    "Logistics Media Mobility Motors Networks Paper Partners Pharma Retail Robotics Security Software Studio Supply Systems Travel Works"
).split()
INDUSTRIES = {
    "Analytics": "Computer software",
    "Apps": "Computer software",
    "Bank": "Banking",
    "Biotech": "Biotechnology",
    "Care": "Healthcare",
    "Cloud": "Internet",
    "Data": "Information technology",
    "Energy": "Energy",
    "Foods": "Food production",
    "Freight": "Logistics",
    "Health": "Healthcare",
    "Insurance": "Insurance",
    "Logistics": "Logistics",
    "Media": "Media",
    "Motors": "Automotive",
    "Networks": "Telecommunications",
    "Pharma": "Pharmaceuticals",
    "Retail": "Retail",
    "Security": "Computer security software",
    "Software": "Computer software",
    "Systems": "Information technology",
    "Travel": "Travel",
}
OTHER_INDUSTRY = "Manufacturing"
COUNTRIES = ("DE", "US", "GB", "PL", "FR", "NL", "SE", "CH", "AT", "ES", "US", "US", "GB", "DE")
TECHNOLOGIES = (
    "PostgreSQL",
    "Salesforce",
    "HubSpot",
    "Kafka",
    "Snowflake",
    "Kubernetes",
    "SAP",
    "Zapier",
    "dbt",
    "Tableau",
)
SOURCES = ("Organic search", "Paid search", "Referral", "LinkedIn", "Webinar", "Trade fair", "Partner", "Direct")

# Title, and how often it is met among leads.
TITLES = (
    ("CEO", 3),
    ("Chief Technology Officer", 3),
    ("Chief Marketing Officer", 2),
    ("VP, Sales", 3),
    ("VP Marketing", 4),
    ("Vice President Operations", 2),
    ("Head of Growth", 5),
    ("Director of Marketing Operations", 6),
    ("Director of IT", 5),
    ("Sales Director", 4),
    ("Marketing Manager", 12),
    ("Product Manager", 8),
    ("IT Manager", 6),
    ("Operations Manager", 6),
    ("Data Analyst", 9),
    ("Software Engineer", 10),
    ("Marketing Specialist", 8),
    ("Account Executive", 5),
    ("Consultant", 4),
    ("Student", 5),
    ("Marketing Intern", 3),
    ("", 6),
)

ASSETS = (
    "Buyer's guide to revenue analytics",
    "Case study: Alder Freight",
    "Case study: Cobalt Bank",
    "Scoring leads together: a workbook",
    "Security white paper",
    "State of sales and marketing",
    "ROI calculator",
)
WEBINARS = ("Forecasting without tears", "From MQL to revenue", "Live demo: dashboards", "What good data costs")
MAILS = ("Welcome", "Product news", "Customer story", "Webinar invitation", "Trial tips", "Pricing update")
BLOG = tuple(
    f"/blog/{slug}"
    for slug in ("lead-scoring", "pipeline-math", "churn", "first-ten-deals", "data-contracts", "forecast")
)
DOCS = ("/docs/start", "/docs/api", "/integrations/salesforce", "/integrations/hubspot", "/security")
PRODUCT = ("/", "/product", "/product/dashboards", "/customers", "/about")
