# ruff: noqa: RUF001 (names are spelt as people spell them)
"""Word lists from which the sandbox's people and events are made. Nobody in here is real."""

FIRST_NAMES = (
    "Aarav", "Abebe", "Adaeze", "Agnieszka", "Aiko", "Alejandra", "Amara", "Anders", "Ángel", "Aroha",
    "Astrid", "Ayşe", "Bao", "Beatriz", "Björn", "Bongani", "Camila", "Chidi", "Chloé", "Daniela",
    "Deepika", "Dimitra", "Eero", "Elif", "Emeka", "Esra", "Farah", "Fatima", "Femi", "Freya",
    "Giulia", "Hana", "Haruto", "Ines", "Ingrid", "Ivana", "Jamal", "Jiho", "João", "Kalani",
    "Katarzyna", "Kwame", "Lars", "Leila", "Lucía", "Mahmoud", "Mei", "Miriam", "Nadia", "Niamh",
    "Nikhil", "Noor", "Ohan", "Oksana", "Olivia", "Omar", "Paolo", "Parisa", "Priya", "Rafael",
    "Rania", "Rohan", "Rūta", "Samuel", "Sanjay", "Sara", "Sione", "Sofía", "Søren", "Tariq",
    "Thandiwe", "Thomas", "Tomasz", "Uzma", "Valentina", "Wanjiru", "Yael", "Yuki", "Zeynep", "Zoltán",
    "美咲", "Олена",
)  # fmt: skip

LAST_NAMES = (
    "Abdullah", "Achterberg", "Adeyemi", "Aguilar", "Andersson", "Bajwa", "Banerjee", "Bianchi", "Boateng",
    "Brânză", "Castillo", "Chen", "Chukwu", "da Silva", "De Vries", "Demir", "Dlamini", "Dubois", "Eriksen",
    "Fernández", "Ferreira", "Fischer", "García", "Goldberg", "Haddad", "Hansen", "Hernández", "Horvat",
    "Hoàng", "Ibrahim", "Ivanova", "Jansen", "Jovanović", "Kamau", "Kang", "Kapoor", "Kaya", "Khumalo",
    "Kim", "Kowalska", "Kumar", "Larsen", "Leclerc", "Lindqvist", "Mahlangu", "Marino", "Mbeki", "Mehta",
    "Moreau", "Müller", "Murphy", "Nakamura", "Nguyen", "Novák", "Nwosu", "O'Connor", "Okafor", "Osei",
    "Papadopoulos", "Park", "Patel", "Pereira", "Petrov", "Rahman", "Reddy", "Ribeiro", "Rossi", "Sato",
    "Schneider", "Sharma", "Singh", "Śliwa", "Suzuki", "Tanaka", "Taufa", "Tremblay", "Virtanen", "Wójcik",
    "Yamamoto", "Yılmaz", "Zhang", "Zhou",
)  # fmt: skip

CITIES = (
    ("Accra", "Ghana"), ("Amsterdam", "Netherlands"), ("Athens", "Greece"), ("Auckland", "New Zealand"),
    ("Austin", "United States"), ("Bengaluru", "India"), ("Berlin", "Germany"), ("Bogotá", "Colombia"),
    ("Cairo", "Egypt"), ("Cape Town", "South Africa"), ("Chicago", "United States"), ("Dublin", "Ireland"),
    ("Hanoi", "Vietnam"), ("Helsinki", "Finland"), ("Hyderabad", "India"), ("Istanbul", "Türkiye"),
    ("Jakarta", "Indonesia"), ("Kraków", "Poland"), ("Lagos", "Nigeria"), ("Lisbon", "Portugal"),
    ("London", "United Kingdom"), ("Lyon", "France"), ("Manila", "Philippines"), ("Melbourne", "Australia"),
    ("Mexico City", "Mexico"), ("Montréal", "Canada"), ("Mumbai", "India"), ("Nairobi", "Kenya"),
    ("New York", "United States"), ("Osaka", "Japan"), ("Oslo", "Norway"), ("Prague", "Czechia"),
    ("São Paulo", "Brazil"), ("Seoul", "South Korea"), ("Singapore", "Singapore"), ("Tel Aviv", "Israel"),
    ("Valencia", "Spain"), ("Zürich", "Switzerland"),
)  # fmt: skip

COMPANIES = (
    "Aldergrove Analytics", "Baobab Logistics", "Bluefin Health", "Brightwater Energy",
    "Cedar & Sons", "Cobalt Learning", "Delta Harvest", "Eastgate Bank", "Everpine Software",
    "Fjord Robotics", "Granite Cloud",
    "Halcyon Media", "Indigo Textiles", "Juniper Street Labs", "Kestrel Mobility", "Lakeshore University",
    "Lumen Foundry", "Marigold Foods", "Monsoon Studios", "Northwind Traders", "Orchid Biotech",
    "Pampas Telecom", "Quayside Ventures", "Redwood Security", "Saffron Travel", "Sundial Consulting",
    "Tern Insurance", "Umbra Design", "Vantage Rail", "Willow Charity Trust", "Zenith Semiconductors",
)  # fmt: skip

JOB_TITLES = (
    "Account Executive", "Accessibility Lead", "Backend Engineer", "Brand Manager", "Chief Marketing Officer",
    "Community Manager", "Content Strategist", "Customer Success Manager", "Data Analyst", "Data Engineer",
    "Demand Generation Manager", "Developer Advocate", "Event Producer", "Finance Director", "Founder",
    "Growth Lead", "Head of Partnerships", "HR Business Partner", "Lecturer", "Marketing Operations Manager",
    "Nurse Educator", "Operations Manager", "Product Designer", "Product Manager", "Programme Officer",
    "Research Scientist", "Sales Engineer", "Student", "Teacher", "VP of Engineering",
)  # fmt: skip

EVENT_TITLES = (
    "Customer Summit", "Data Makers Day", "Founders' Breakfast", "Green Operations Forum", "Growth Clinic",
    "Health Tech Meetup", "HR Tomorrow", "Learning & Development Week", "Marketing Leaders Roundtable",
    "Open Source Evening", "Partner Kick-off", "Pipeline Masterclass", "Privacy in Practice",
    "Product Launch Live", "Remote Work Conference", "Research Colloquium", "Retail Futures",
    "Sales Enablement Bootcamp", "Security Briefing", "Women in Engineering", "Virtual Career Fair",
    "Community All-Hands",
)  # fmt: skip

SESSION_TITLES = (
    "Welcome and keynote", "State of the industry", "Ask me anything", "Panel: what we learned the hard way",
    "Live demo", "Customer story", "Workshop: first steps", "Workshop: going deeper", "Lightning talks",
    "Fireside chat", "Roadmap", "Breakout: regional groups", "Measuring what matters", "Budgeting for growth",
    "Hiring without borders", "Designing for everyone", "Closing and awards",
)  # fmt: skip

SESSION_SUMMARIES = (
    "Thirty minutes of practice, no slides.", "What changed this year, and what did not.",
    "Bring your own questions.", "Three teams compare notes.", "A walk through the new release.", "",
)  # fmt: skip

TIME_ZONES = (
    "Asia/Kolkata", "Europe/Berlin", "America/New_York", "Europe/London", "America/Los_Angeles",
    "Asia/Singapore", "America/Sao_Paulo", "Africa/Lagos", "Australia/Sydney", "Asia/Kathmandu",
)  # fmt: skip

BOOTH_TAGS = ("Analytics", "AI", "Hiring", "Cloud", "Sustainability", "Payments", "Start-up", "Free trial")

TRACK_NAMES = ("Main stage", "Practitioners", "Leadership", "Community")

POLL_QUESTIONS = (
    ("How large is your team?", ("Just me", "2 to 10", "11 to 50", "More than 50")),
    ("Where do you join from?", ("Africa", "Americas", "Asia and Oceania", "Europe")),
    ("Which topic next?", ("Attribution", "Community", "Automation", "Accessibility")),
    ("Would you recommend this session?", ("Yes", "Not sure", "No")),
    ("When do you plan to buy?", ("This quarter", "This year", "Later", "Just looking")),
)

QUESTIONS = (
    "Will the slides be shared?", "How does this work with a small budget?", "Is there an API?",
    "Can you hear us?", "Which metrics would you drop first?", "How do you handle time zones?",
    "¿Habrá una versión en español?", "What would you do differently today? 🙂",
    "Do you have numbers for the last quarter?", "Is the recording captioned?",
)  # fmt: skip

# (source, medium, campaign); None is a parameter the link did not carry.
CAMPAIGNS = (
    ("linkedin", "paid-social", "spring-launch"), ("google", "cpc", "brand-search"),
    ("newsletter", "email", "monthly-digest"), ("newsletter", "email", "last-seats"),
    ("partner", "referral", "co-marketing"), ("facebook", "social", "retargeting"),
    ("x", "social", None), ("direct", None, None), (None, None, None),
    ("LinkedIn", "Social", "Spring-Launch"),
)  # fmt: skip

UTM_TERMS = ("virtual events", "event platform", "webinar software")
UTM_CONTENTS = ("hero-button", "footer-link", "video-15s", "carousel-2")

# (label, name, input type, options)
CUSTOM_FIELDS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("Company size", "companySize", "radio", ("1-10", "11-50", "51-500", "500+")),
    ("How did you hear about us?", "heardFrom", "dropdown", ("Colleague", "Search", "Social media")),
    ("Topics you care about", "topics", "checkbox", ("Engagement", "Reporting", "Networking")),
    ("What do you hope to learn?", "expectation", "text", ()),
    ("I accept the code of conduct", "codeOfConduct", "checkbox", ("Yes",)),
)  # fmt: skip

EXPECTATIONS = (
    "How others do it", "Something I can use on Monday", "Faits concrets, pas de slogans", "n/a",
    "Pricing, honestly", "Meet people from my region",
)  # fmt: skip
