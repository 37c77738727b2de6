"""Cells of the evidence table as abstracts of laboratory work and reviews word them.

They name organisms and cell lines where a trial counts patients, techniques where it names a design, and
conclude in a last sentence ("Thus, ...").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.models import Span

Place = tuple[int, int]

_OWN = re.compile(
    r"\b(?:we|our|us|here|this (?:study|work|report|paper|review)|(?:was|were) \w+(?:ed|nd|wn|ght)"
    r"|results?|findings|methods?)\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:previous(?:ly)?|prior|earlier|recent(?:ly)?|existing|others?|known|unknown|unclear) ?(?:stud|work"
    r"|report|evidence|show|demonstrat|describ)?|\bhas been\b|\bhave been\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:(?:this|the present|our) (?:review|article|paper|chapter|perspective|study)|(?:here|herein),? we"
    r"|in this (?:review|article|study|paper|report|work),? we|we)(?: \w+ly| also| will| here| have| then)*"
    r" (?:review|summari[sz]e|discuss|investigate|examine|explore|analy[sz]e|stud(?:y|i)|evaluate|assess"
    r"|compare|address|outline|characteri[sz]e|consider|focus(?:es)? on|highlight|test)(?:e?s|e?d|ed)?\s+"
    r"(?P<about>(?!(?:by|in|for|with|on|at|to|that|this|these|them|it|and)\b)(?:[^.;:]|\.(?=\w)){12,150}?)"
    r"(?=\.?\s*$|[;:]|, (?:we|and|using|with|which|describe|discuss|highlight)\b"
    r"| (?:using|by means of)\b|$)",
    re.IGNORECASE,
)
_PURPOSE = re.compile(
    r"(?:^|[.:] |\b(?:OBJECTIVES?|Objectives?|AIMS?|Aims?|PURPOSE|Purpose|BACKGROUND)[: ]+)To (?:determine"
    r"|assess|investigate|evaluate|examine|compare|estimate|test|identify|explore|quantify|describe|study|characteri[sz]e"
    r"|establish|understand|analy[sz]e|define|review|elucidate|address)\s+"
    r"(?P<about>(?!this|these|that|such|(?:the|our) (?:issue|challenge|problem|gap))"
    r"(?:[^.;]|\.(?=\w)){12,150}?)"
    r"(?=\.?\s*$|;|, (?:we|and|using|with|a|an|the)\b| (?:using|by means of)\b|$)"
)
_ORGANISM = (
    r"(?:mice|rats|zebrafish|Drosophila(?: melanogaster)?|Caenorhabditis elegans|C\. elegans"
    r"|Xenopus(?: laevis)?|Saccharomyces cerevisiae|S\. cerevisiae|Schizosaccharomyces pombe|S\. pombe"
    r"|(?:fission|budding) yeast|Arabidopsis(?: thaliana)?|rhesus (?:macaques|monkeys)|macaques|rabbits|pigs"
    r"|dogs|cats|hamsters)"
)
_TISSUE = (
    r"(?:embryonic stem cells|(?:embryonic )?fibroblasts|hepatocytes|cardiomyocytes|macrophages"
    r"|keratinocytes|neurons|endothelial cells|islets)"
)
_LINE = (
    r"(?:HeLa|HEK ?293T?|U2OS|HepG2|Huh-?7|Jurkat|COS-?7|NIH ?3T3|MCF-?7|MDA-MB-\d+|PC-?12|K562|A549|HL-?60"
    r"|THP-?1|HCT-?116|Caco-?2|CHO|SH-SY5Y|LNCaP|MDCK)(?: cells?)?|HUVECs?"
)
_BRED = (
    r"(?:male|female|adult|aged|young|old|transgenic|knockout|wild-type|deficient|diabetic|obese|mutant|nude"
    r"|humani[sz]ed|anaestheti[sz]ed|neonatal|C57BL/6J?|BALB/c|Sprague[- ]Dawley|Wistar|NOD"
    r"|[A-Z][\w()/+–−-]*(?:-/-|\(-/-\)|-deficient|-null|-knockout))"
)
_MATERIAL = re.compile(
    rf"(?<![\w-])(?P<what>(?:{_BRED}[ ,]+)*{_ORGANISM}"
    rf"|(?:{_BRED} )?(?:(?:cultured|primary|human|mouse|murine|rat|bovine|chicken|dermal) )+{_TISSUE}"
    rf"|{_LINE})(?![\w-])"
)
_HOW = (  # words that make a technique more exact
    r"(?:quantitative|real-time|single-cell|whole-(?:genome|exome)|genome-wide|high-throughput|deep|targeted"
    r"|multivaria(?:te|ble)|logistic|linear|Poisson|Cox|proportional|hazards?|mixed-effects?"
    r"|conditional|confocal|(?:cryo-)?electron|fluorescence|two-photon|live(?:-cell)?|atomic force|X-ray"
    r"|Western|Northern|Southern|flow|mass|tandem|RNA|s[ih]RNA|chromatin|small interfering|unbiased|Markov"
    r"|Bayesian|mathematical|computational|decision[- ]analytic|semi-structured|molecular dynamics|gene"
    r"|genetic|yeast)"
)
_TECHNIQUE = re.compile(
    rf"\b(?P<what>(?:{_HOW} )*"
    r"(?:(?:RNA|ChIP|DNA|ATAC|exome|genome|bisulfite|amplicon)[- ]?seq(?:uencing)?|microscopy|cytometry"
    r"|spectrometry|crystallography|(?:immuno)?blot(?:ting)?|immunoprecipitation|immunohistochemistry"
    r"|immunofluorescence|RT-PCR|PCR|RNA interference|RNAi(?: screen)?|s[ih]RNA screen|genome-wide screens?"
    r"|microarrays?|patch[- ]clamp recordings?|(?:functional )?magnetic resonance imaging"
    r"|positron emission tomography|computed tomography|lineage tracing|fate mapping"
    r"|regression(?: analys[ei]s| models?)|Mendelian randomi[sz]ation|(?:Markov|mathematical|computational"
    r"|simulation) model(?:l?ing)?|cost-effectiveness analysis|dynamics simulations?|crystal structures?"
    r"|NMR spectroscopy|gene targeting|expression profiling|questionnaires?|semi-structured interviews"
    r"|bone marrow transplantation|two-hybrid screen|CRISPR(?:[-/]Cas9)?(?: screen)?))\b"
)
_CONCLUDED = re.compile(
    r"^(?:CONCLUSIONS?:? )?(?:Thus|Therefore|Hence|In (?:conclusion|summary|sum)|Collectively|Taken together"
    r"|Together|Overall|We conclude that|Altogether),? (?:that )?(?P<found>[^;]{20,400}?)(?=;|\.?\s*$)"
)
_REPORT = re.compile(
    r"^(?:we|our|these|this|the|results?|findings|data)\b[^.]{0,60}?\b(?:show|demonstrat|suggest|indicat|reveal|find|found"
    r"|provid|establish|identif|support|propos|conclud|highlight|report|describ|defin|uncover|implicat|point)\w*\b",
    re.IGNORECASE,
)
_NO_FINDING = re.compile(
    r"\b(?:further|future|more) (?:stud|research|work|trial)|\bshould\b|\bneed(?:s|ed)?\b"
)


def about(text: str, sentences: Sequence[Span]) -> Iterator[Place]:
    """What is investigated or reviewed."""
    for pattern in (_PURPOSE, _ABOUT):
        for span in sentences:
            if match := pattern.search(text[span.start : span.end]):
                yield span.start + match.start("about"), span.start + match.end("about")


def material(text: str, sentences: Sequence[Span]) -> Iterator[Place]:
    """The organisms or cell lines that were worked with, the longest naming first."""
    yield from sorted(_named(_MATERIAL, text, sentences), key=lambda place: place[0] - place[1])


def technique(text: str, sentences: Sequence[Span]) -> Iterator[Place]:
    """The first technique that the authors name as theirs."""
    yield from _named(_TECHNIQUE, text, sentences)


def concluded(text: str, sentences: Sequence[Span]) -> Iterator[Place]:
    """What one of the last three sentences concludes."""
    for span in reversed(sentences[-3:]):
        match = _CONCLUDED.search(text[span.start : span.end])
        if match is None or _NO_FINDING.search(match["found"]) or _REPORT.match(match["found"]):
            continue
        yield span.start + match.start("found"), span.start + match.end("found")


def _named(pattern: re.Pattern[str], text: str, sentences: Sequence[Span]) -> Iterator[Place]:
    for span in sentences:
        sentence = text[span.start : span.end]
        if _OWN.search(sentence) and not _OTHERS.search(sentence) and (match := pattern.search(sentence)):
            yield span.start + match.start("what"), span.start + match.end("what")
