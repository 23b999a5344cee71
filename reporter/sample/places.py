"""Rough sizes of provinces, industries and statuses for the synthetic sample; orders of magnitude, no statistics.

Shares decide how a national number is spread over groups and how many respondents a province gets. ``EXPOSED`` says
how much harder (or softer) than the country a group is hit when the cycle turns.
"""

from __future__ import annotations

# Thousands of inhabitants, rounded to what a labour economist would say from memory.
PROVINCE_SIZE = {
    "TH-10": 5500, "TH-11": 1370, "TH-12": 1310, "TH-13": 1210, "TH-14": 820, "TH-15": 270, "TH-16": 730,
    "TH-17": 200, "TH-18": 310, "TH-19": 640, "TH-20": 1610, "TH-21": 770, "TH-22": 535, "TH-23": 225,
    "TH-24": 730, "TH-25": 500, "TH-26": 260, "TH-27": 560, "TH-30": 2620, "TH-31": 1570, "TH-32": 1360,
    "TH-33": 1450, "TH-34": 1870, "TH-35": 530, "TH-36": 1110, "TH-37": 375, "TH-38": 420, "TH-39": 505,
    "TH-40": 1780, "TH-41": 1560, "TH-42": 635, "TH-43": 515, "TH-44": 940, "TH-45": 1290, "TH-46": 970,
    "TH-47": 1140, "TH-48": 715, "TH-49": 350, "TH-50": 1800, "TH-51": 395, "TH-52": 715, "TH-53": 440,
    "TH-54": 425, "TH-55": 470, "TH-56": 455, "TH-57": 1300, "TH-58": 285, "TH-60": 1020, "TH-61": 320,
    "TH-62": 705, "TH-63": 680, "TH-64": 575, "TH-65": 840, "TH-66": 520, "TH-67": 965, "TH-70": 865,
    "TH-71": 890, "TH-72": 820, "TH-73": 925, "TH-74": 595, "TH-75": 190, "TH-76": 480, "TH-77": 550,
    "TH-80": 1540, "TH-81": 480, "TH-82": 268, "TH-83": 420, "TH-84": 1075, "TH-85": 195, "TH-86": 505,
    "TH-90": 1430, "TH-91": 325, "TH-92": 640, "TH-93": 520, "TH-94": 735, "TH-95": 545, "TH-96": 810,
}  # fmt: skip

# Employed persons per hundred; section U is too small for any source to publish.
INDUSTRY_SIZE = {
    "A": 30.5, "B": 0.2, "C": 16.0, "D": 0.3, "E": 0.4, "F": 5.6, "G": 16.8, "H": 3.7, "I": 8.2, "J": 0.7,
    "K": 1.4, "L": 0.6, "M": 1.2, "N": 1.9, "O": 4.2, "P": 3.1, "Q": 2.1, "R": 0.7, "S": 2.0, "T": 0.4,
}  # fmt: skip
NOT_INSURED = {"O", "T"}

STATUS_SIZE = {"formal": 47.5, "informal": 52.5}
AGE_SIZE = {"15-24": 9, "25-34": 22, "35-44": 25, "45-54": 24, "55-59": 9, "60+": 11}
# Who answers the surveys, per hundred of each option in the questionnaire's order; more men and young than there are.
ANSWERED = {
    "sex": (58, 40, 2), "age_group": (12, 28, 26, 19, 7, 8), "education": (30, 17, 20, 9, 20, 4),
    "occupation": (4, 7, 6, 5, 20, 26, 12, 10, 10), "income": (24, 26, 28, 17, 5), "position": (4, 8, 14, 50, 24),
    "tenure": (14, 26, 20, 18, 22), "familiarity": (46, 32, 16, 6),
}  # fmt: skip

# Tourism fell hardest in 2020; farming and public service hardly moved.
EXPOSED_PROVINCE = {
    "TH-83": 2.6, "TH-81": 1.9, "TH-82": 1.8, "TH-20": 1.6, "TH-50": 1.5, "TH-84": 1.5, "TH-10": 1.3, "TH-77": 1.3,
    "TH-58": 1.2, "TH-90": 1.1, "TH-21": 1.2, "TH-24": 1.1, "TH-14": 1.2, "TH-33": 0.6, "TH-35": 0.6, "TH-37": 0.6,
    "TH-39": 0.6, "TH-46": 0.6, "TH-45": 0.7, "TH-55": 0.7, "TH-94": 0.7, "TH-96": 0.7,
}  # fmt: skip
EXPOSED_INDUSTRY = {
    "A": 0.4, "B": 0.8, "C": 1.3, "F": 1.2, "G": 1.1, "H": 1.5, "I": 2.4, "J": 0.7, "K": 0.6, "O": 0.1, "P": 0.4,
    "Q": 0.3, "R": 2.0, "S": 1.4,
}  # fmt: skip
EXPOSED_STATUS = {"formal": 0.9, "informal": 1.1}

# Farm seasons weigh most in the North-East and the North.
SEASON_REGION = {"bangkok": 0.3, "central": 0.7, "north": 1.3, "northeast": 1.7, "south": 0.9}
SEASON_INDUSTRY = {"A": 2.6, "C": 0.6, "O": 0.2, "P": 0.4, "I": 0.9}
SEASON_STATUS = {"formal": 0.4, "informal": 1.5}

# How much more than its population a region counts among the insured, the injured, the vacancies.
FORMAL_REGION = {"bangkok": 2.3, "central": 1.5, "north": 0.6, "northeast": 0.4, "south": 0.7}
FORMAL_INDUSTRY = {
    "A": 0.06, "B": 1.6, "C": 2.0, "D": 2.0, "E": 1.3, "F": 0.8, "G": 0.9, "H": 1.3, "I": 0.7, "J": 2.0, "K": 2.1,
    "L": 1.9, "M": 1.8, "N": 2.1, "P": 1.0, "Q": 1.5, "R": 0.9, "S": 0.6,
}  # fmt: skip
WAGE_REGION = {"bangkok": 1.45, "central": 1.05, "north": 0.78, "northeast": 0.75, "south": 0.86}
WAGE_INDUSTRY = {
    "A": 0.48, "B": 1.2, "C": 0.92, "D": 1.9, "E": 0.95, "F": 0.72, "G": 0.85, "H": 1.2, "I": 0.72, "J": 1.95,
    "K": 1.95, "L": 1.3, "M": 1.8, "N": 0.9, "O": 1.25, "P": 1.5, "Q": 1.25, "R": 0.95, "S": 0.72, "T": 0.55,
}  # fmt: skip

# Provinces whose offices answer little: their survey cells fall under the limits of publication.
FEW_ANSWERS = {"TH-58": 0.22, "TH-75": 0.2, "TH-85": 0.2, "TH-17": 0.5, "TH-23": 0.5}
