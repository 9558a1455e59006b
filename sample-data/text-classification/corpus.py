"""The support tickets: sentences written for this sample, put together by a seeded random generator.

Every topic has its own openings and details; a quarter of the tickets mention a second topic in passing, and the
surface is as untidy as in a real inbox: quotes, emoji, line breaks, capitals, tabs, several alphabets, typing errors.
"""

import re

import numpy as np

TOPICS = {
    "billing": [
        "I was charged {money} twice this month, see invoice {number}.",
        "Invoice {number} shows {money} but my contract says {money}.",
        "Please refund {money}, I cancelled the subscription on {day}.",
        "The discount code \"{code}\" was not taken off my bill.",
        "Why did the price go up from {money} to {money} without notice?",
        "My credit card {number} was declined although there is money on it.",
        "I need an invoice with our VAT id {code}, the accountant won't take a receipt.",
        "The direct debit of {day} came back, now you want a {money} fee?!",
        "Can I switch from monthly to yearly payment and what would I save?",
        "There is a position \"service fee\" of {money} on the bill that nobody can explain.",
    ],
    "delivery": [
        "Parcel {code} has been \"out for delivery\" since {day}.",
        "The courier left the {product} in the rain and the box is soaked.",
        "Tracking says delivered on {day}, but nothing arrived, neighbours don't have it either.",
        "I ordered a {product} and got a {product} in the package.",
        "Can the order {number} be sent to another address? We moved to {place}.",
        "The shipment to {place} is stuck in customs, what do they need from me?",
        "Half of order {number} is missing from the box, the {product} is not there.",
        "Driver rang at 6:40 a.m. and threw the parcel over the fence.",
        "When will the {product} be back in stock and shipped?",
        "Return label for order {number} doesn't print, how do I send it back?",
    ],
    "praise": [
        "Just wanted to say thank you, {name} from your team was wonderful!",
        "Best {product} I have ever owned, my whole family loves it {smile}",
        "Ordered on {day}, here the next morning. Impressive service!",
        "{name} called me back within ten minutes and was so friendly and patient.",
        "After years with your competitor I am delighted: everything simply works.",
        "Five stars from {place}! Keep up the great work {smile}",
        "The new {product} is beautiful, lovely packaging too.",
        "I rarely write such mails, but this was excellent. Merci beaucoup, {name}!",
        "Our pupils enjoy the {product} every day, we recommend you to all schools.",
        "So happy with the repair, it is better than new {smile}",
    ],
    "technical": [
        "The app crashes with error {code} as soon as I open the settings.",
        "Since the update of {day} my {product} does not connect to the wifi.",
        "Login says \"session expired\" again and again, I cleared cookies & cache.",
        "How do I reset the {product}? The red light blinks three times.",
        "The API answers 500 {\"error\":\"{code}\"} for every second request.",
        "Firmware {number} freezes at 73 %, log: C:\\temp\\update_{number}.log",
        "Password reset mail never comes, spam folder is empty.",
        "Export to CSV writes ??? instead of {place}, looks like a wrong encoding.",
        "After the screen turns black the {product} is hot and makes a noise.",
        "Bluetooth pairing with my phone fails, version {number}, nothing in the manual.",
    ],
}
OPENINGS = ["Hello,", "Hi there", "Dear Sir or Madam,", "Good morning!", "Guten Tag,", "Bonjour,"]
OPENINGS += ["こんにちは,", "URGENT:", ""]
NEUTRAL = [
    "I have been a customer since 2016.",
    "It's the second time I write.",
    "I couldn't find this in the help pages.",
    "Sent from my phone",
    "My customer number is {number}.",
    "Please answer before {day}.",
    "We are a small office in {place}.",
    "I talked to {name} about it on {day}.",
]
CLOSINGS = ["Thanks, {name}", "Best regards\n{name}", "Mit freundlichen Grüßen\n{name}", "Cheers 👋", "— {name}", "", ""]
SLOTS = {
    "product": ["coffee machine", "headset", "router", "e-reader", "desk lamp", "thermostat", "smart watch", "printer"],
    "place": ["Zürich", "Łódź", "Malmö", "Αθήνα", "São Paulo", "Leeds", "Кишинёв", "東京", "Saint-Étienne"],
    "name": ["Aisha", "Björn", "O'Neill", "Nguyễn", "Zoë", "Mário", "Иван", "Fatma", "J. \"Jack\" Reed"],
    "day": ["Monday", "3 May", "18 April", "2024-04-18", "the 12th", "Friday", "Sunday night"],
    "smile": ["😀", "❤️", ":-)", "👍🏽", "\\o/"],
}
MONEY = ["{}.99 €", "${}.00", "{} EUR", "£{}.50", "{},- CHF"]


def fill(random: np.random.Generator, template: str) -> str:
    """Puts something into every {slot}, drawn anew for each."""

    def draw(match: re.Match) -> str:
        slot = match[1]
        if slot in SLOTS:
            return str(random.choice(SLOTS[slot]))
        number = int(random.integers(10_000, 10_000_000))
        if slot == "number":
            return str(number)
        if slot == "code":
            return f"{random.choice(['AX', 'E', 'K7'])}-{number:X}"
        return str(random.choice(MONEY)).format(random.integers(3, 900))

    return re.sub(r"\{(number|code|money|product|place|name|day|smile)\}", draw, template)


def misspell(random: np.random.Generator, text: str) -> str:
    """Swaps two neighbouring characters."""
    i = int(random.integers(1, len(text) - 1))
    return text[: i - 1] + text[i] + text[i - 1] + text[i + 1 :]


def draw_ticket(random: np.random.Generator) -> tuple[str, str]:
    """One ticket as (text, topic)."""
    topics = list(TOPICS)
    topic = str(random.choice(topics, p=[0.3, 0.32, 0.12, 0.26]))
    details = list(random.choice(TOPICS[topic], random.choice([1, 2], p=[0.65, 0.35]), replace=False))
    if random.random() < 0.25:
        details.append(random.choice(TOPICS[random.choice(topics)]))
    if random.random() < 0.6:
        details.append(random.choice(NEUTRAL))
    random.shuffle(details)
    gap = str(random.choice([" ", "\n", "\n\n", "\r\n", "\t"], p=[0.6, 0.2, 0.1, 0.05, 0.05]))
    parts = [random.choice(OPENINGS), *details, random.choice(CLOSINGS)]
    text = gap.join(fill(random, str(part)) for part in parts if part)
    for _ in range(random.poisson(0.7)):
        text = misspell(random, text)
    return (text.upper() if random.random() < 0.04 else text), topic


def draw_tickets(random: np.random.Generator, count: int) -> tuple[list[str], list[str]]:
    texts, topics = zip(*(draw_ticket(random) for _ in range(count)))
    return list(texts), list(topics)
