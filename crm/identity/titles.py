"""Seniority and department, read from a job title in English, German, Polish or French.

A title is read as a line of words: case-folded, accents kept, every run of other characters one space. The rules are
tried from the top; the first that holds decides. A title that no rule knows gives "", because unknown is not low.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

SENIORITIES: Final = ("c_level", "vp", "director", "manager", "individual", "student")
DEPARTMENTS: Final = (
    "executive", "marketing", "sales", "finance", "hr", "it", "engineering", "product", "operations", "procurement",
    "legal", "support", "research", "education",
)  # fmt: skip

# Who works for somebody: what stands after them is the title of somebody else.
_OF_SOMEBODY_ELSE: Final = re.compile(
    r"\b(?:assistants?|assistante?|assistentin|assistent|assistenz|asystent(?:ka)?|secretary|sekretär(?:in)?|"
    r"sekretarka|secrétaire|pa|ea|aide|advis[eo]r|adviser|counsel|berater(?:in)?|doradca|referent(?:in)?)\b"
    r"(?= (?:to|for|of the|der|des|dem|de|du|zarządu|prezesa|dyrektora)\b).*"
    r"|\b(?:reporting to|reports to|office of the|on behalf of|working for|in office of)\b.*"
)
_LEADING_ASSISTANT: Final = re.compile(
    r"\b(?:executive|personal|ceo|cfo|cto|vp|director|president|management) assistant\b"
)

_RULES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (seniority, re.compile(rf"\b(?:{pattern})\b"))
    for seniority, pattern in (
        ("individual", r"product owner|process owner|data owner|service owner|system owner|business partner|"
                       r"lead generation|account executive|sales executive|marketing executive|hr executive|"
                       r"pr executive|chief of party|kommissarisch"),
        ("director", r"chief of staff|executive director|principal engineer|geschäftsbereichsleit\w+"),
        ("vp", r"[serag]?vp|vice presidents?|vicepresident|(?:senior |executive )?vizepräsident(?:in)?|"
               r"wiceprezes(?:ka)?|vice présidente?|directeur général adjoint|directrice générale adjointe|"
               r"vicepresidente"),
        ("manager", r"channel partner manager|partner(?:ships?)? manager|partner account manager"),
        ("c_level", r"c[efmtioh]o|c(?:so|ro|po|do|co|lo|xo|hro|iso|bo|ao)|chief(?: [\w&]+)* officer|"
                    r"chief executive|chief financial|chief technology|chief marketing|chief operating|"
                    r"president|co ?founders?|founders?|founding partner|co ?owner|owner|proprietor|"
                    r"managing director|managing partner|general partner|senior partner|equity partner|"
                    r"chair(?:man|woman|person)|board member|member of the (?:executive )?board|"
                    r"geschäftsführer(?:in)?|geschäftsführende[rn]?|geschäftsführung|inhaber(?:in)?|"
                    r"vorstand\w*|gründer(?:in)?|mitgründer(?:in)?|gesellschafter(?:in)?|"
                    r"prezes(?:ka)?|członek zarządu|członkini zarządu|właściciel(?:ka)?|współwłaściciel(?:ka)?|"
                    r"założyciel(?:ka)?|współzałożyciel(?:ka)?|dyrektor(?:ka)? (?:generalny|generalna|zarządzając[ya])|"
                    r"pdg|dg|daf|dsi|drh|présidente?|directeur général|directrice générale|"
                    r"gérante?|(?:co ?)?fondateur|(?:co ?)?fondatrice|directeur exécutif|"
                    r"director general|consejero delegado|amministratore delegato|titolare"),
        ("manager", r"teamleit\w+|projektleit\w+|gruppenleit\w+|filialleit\w+|schichtleit\w+|marktleit\w+|büroleit\w+|"
                    r"chef(?:fe)? de (?:projets?|produits?|groupe|équipe|service|secteur|marché)|responsable|"
                    r"deputy manager|stellvertretend\w+ leit\w+"),
        ("director", r"directors?|direktor(?:in)?|\w+direktor(?:in)?|directeur|directrice|dyrektor(?:ka)?|"
                     r"wicedyrektor(?:ka)?|directora?|direttore|head|heads|\w*leiter(?:in)?|\w*leitung|prokurist(?:in)?|"
                     r"general manager|regional manager|country manager|dean|partner"),
        ("student", r"students?|studentin|étudiante?|studentka|werkstudent(?:in)?|phd candidate|doctoral candidate|"
                    r"undergraduate|interns?|internship|praktikant(?:in)?|stagiaire|stażyst(?:a|ka)|trainee|apprentice|"
                    r"azubi|auszubildende[r]?|alternante?|apprentie?|schüler(?:in)?|uczeń|pupil"),
        ("manager", r"managers?|managerin|\w+manager(?:in)?|mgr|supervisor|superintendent|foreman|team lead(?:er)?|"
                    r"tech(?:nical)? lead(?:er)?|leader|\w+(?: \w+)* lead|"
                    r"kierownik|kierowniczka|menedżer(?:ka)?|menadżer(?:ka)?|manadżer|koordynator zespołu|"
                    r"encargado|gerente|jefe|vorarbeiter|meister"),
        ("individual", r"engineers?|developers?|programmers?|analysts?|specialists?|consultants?|executive|"
                       r"representatives?|rep|reps|sdr|bdr|ae|associates?|coordinators?|assistants?|administrators?|"
                       r"accountants?|bookkeeper|designers?|architects?|scientists?|researchers?|writers?|editors?|"
                       r"recruiters?|buyers?|planners?|technicians?|officers?|clerks?|agents?|advis[eo]rs?|nurse|"
                       r"teachers?|lecturers?|professor|lawyers?|attorneys?|paralegal|counsel|journalist|strategist|"
                       r"marketers?|marketeer|copywriter|controller|auditor|trainers?|freelancer|contractor|"
                       r"secretary|receptionist|expert|generalist|practitioner|operator|sales(?:man|woman|person)|"
                       r"staff|employee|worker|doctor|physician|therapist|pharmacist|librarian|photographer|artist|"
                       r"architect|webmaster|sysadmin|devops|tester|qa|bdm|"
                       r"\w*mitarbeiter(?:in)?|\w*entwickler(?:in)?|\w*ingenieur(?:in)?|\w*berater(?:in)?|"
                       r"\w*referent(?:in)?|\w*sachbearbeiter(?:in)?|\w*assistent(?:in)?|assistenz|\w*kaufmann|\w*kauffrau|"
                       r"buchhalter(?:in)?|einkäufer(?:in)?|verkäufer(?:in)?|sekretär(?:in)?|techniker(?:in)?|"
                       r"(?:młodszy |starszy )?specjalist(?:a|ka)|inżynier|programist(?:a|ka)|analityk|księgow[ya]|"
                       r"konsultant(?:ka)?|doradca|handlowiec|asystent(?:ka)?|przedstawiciel(?:ka)?|pracownik|sekretarka|"
                       r"ingénieure?|développeu(?:r|se)|chargée? d\w*|conseill(?:er|ère)|commerciale?|comptable|"
                       r"technicien(?:ne)?|assistante?|consultante?|secrétaire|employée?|acheteu(?:r|se)|vendeu(?:r|se)"),
    )
)  # fmt: skip

# More than one may be named: the first in this order, special before general.
_DEPARTMENTS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (department, re.compile(rf"\b(?:{pattern})\b"))
    for department, pattern in (
        ("procurement", r"procurement|purchasing|buyer|sourcing|supply chain|einkauf\w*|einkäufer(?:in)?|zakup\w*|"
                        r"achats?|acheteu(?:r|se)|cpro"),
        ("hr", r"human resources?|hr|hrbp|people|talent|recruit\w*|chro|drh|personal(?:leiter|leiterin|abteilung|wesen)|"
               r"personalreferent(?:in)?|kadr\w*|zasobów ludzkich|ressources humaines|learning and development|payroll"),
        ("product", r"product|cpo|produkt\w*|produits?"),
        ("marketing", r"marketing|\w*marketing\w*|brand|growth|demand generation|demand gen|communications?|pr|"
                      r"public relations|content|seo|sem|social media|copywriter|advertising|cmo|kommunikation|"
                      r"lead generation|werbung|reklam\w*|publicité"),
        ("sales", r"sales|account (?:executive|manager|director)|key account\w*|business development|bdr|sdr|bdm|cro|cso|"
                  r"revenue|vertrieb\w*|verkauf\w*|verkäufer(?:in)?|sprzedaż\w*|handlow\w+|commerciale?|ventes?|vendeu(?:r|se)|"
                  r"partnerships?|channel|presales|territory"),
        ("legal", r"legal|lawyer|attorney|counsel|compliance|paralegal|privacy|data protection|datenschutz\w*|recht\w*|"
                  r"jurist\w*|prawn\w+|juridique|clo"),
        ("finance", r"finance|financial|accounting|accountants?|bookkeep\w+|controller|controlling|treasur\w+|audit\w*|"
                    r"tax|cfo|daf|finanz\w*|buchhalt\w*|finans\w*|księgow\w+|comptab\w+|financi\w+|investor relations"),
        ("support", r"support|customer (?:success|service|care|experience)|help ?desk|service desk|kundenservice|"
                    r"kundendienst|kundenbetreuung|obsług\w+ klienta|service client|cco"),
        ("research", r"research\w*|r d|scientist|laborator\w+|forschung\w*|badań|recherche"),
        ("it", r"it|information technology|information security|cyber\w*|security|ciso|cio|sysadmin|"
               r"systems? administrat\w+|network|infrastructure|dsi|edv|informatik\w*|informat\w*|erp|crm|database|dba"),
        ("engineering", r"engineer\w*|developer|development|software|devops|sre|programmer|architect|cto|technology|"
                        r"technical|technik\w*|\w*entwickl\w*|\w*ingenieur\w*|inżynier\w*|programist\w+|ingénieure?|"
                        r"développeu(?:r|se)|technique|data|machine learning|qa|tester|frontend|backend|full stack|web"),
        ("operations", r"operations?|operational|coo|logistic\w*|logistik\w*|production|produktion\w*|manufacturing|"
                       r"plant|warehouse|facilit\w+|quality|operacyjn\w+|produkcj\w+|office manager|projekt\w*|"
                       r"project|program(?:me)?|pmo|opérations"),
        ("education", r"teacher|lecturer|professor|dean|principal|school|education|faculty|nauczyciel\w*|lehrer(?:in)?"),
        ("executive", r"ceo|chief executive|president|founder|co ?founder|owner|managing (?:director|partner)|"
                      r"chair(?:man|woman|person)|board|geschäftsführ\w+|inhaber(?:in)?|vorstand\w*|gründer(?:in)?|"
                      r"prezes\w*|zarząd\w*|właściciel\w*|założyciel\w*|dyrektor generalny|pdg|dg|président\w*|"
                      r"directeur général|directrice générale|gérante?|general manager|executive director"),
    )
)  # fmt: skip


@lru_cache(maxsize=8192)
def seniority_of(title: str) -> str:
    """One of SENIORITIES, or "" where the title says none."""
    line = _OF_SOMEBODY_ELSE.sub("assistant", _words(title))
    line = _LEADING_ASSISTANT.sub("assistant", line)
    return next((seniority for seniority, rule in _RULES if rule.search(line)), "")


@lru_cache(maxsize=8192)
def department_of(title: str) -> str:
    """One of DEPARTMENTS, or "" where the title names none."""
    line = _words(title)
    return next((department for department, rule in _DEPARTMENTS if rule.search(line)), "")


def _words(title: str) -> str:
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", title).casefold())
    return re.sub(r"[\W_]+", " ", folded.replace(".", "")).strip()
