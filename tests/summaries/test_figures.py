from xml.etree import ElementTree

from assistant.models import Citation, Paper
from assistant.summaries.figures import figures_svg, themes_svg, years_svg
from assistant.summaries.model import Provenance, Summary, Theme


def summary(*years, headings=("A < B", "C & D")):
    papers = [Paper(f"p:{i}", "T", "", published=str(y) if y else None) for i, y in enumerate(years)]
    citations = tuple(Citation(n, p) for n, p in enumerate(papers, 1))
    themes = tuple(Theme(h, "", tuple(range(1, 2 + i))) for i, h in enumerate(headings))
    return Summary("X & Y", "answer", "", Provenance(1, 5, "m", "d"), themes=themes, citations=citations)


def texts(svg):
    return [e.text for e in ElementTree.fromstring(svg).iter() if e.tag.endswith("}text")]


def test_each_year_of_the_span_has_its_count():
    assert texts(years_svg(summary(2020, 2022, 2022))) == ["1", "2020", "2021", "2", "2022"]


def test_undated_papers_are_told_in_the_title():
    assert "1 undated" in years_svg(summary(2020, None))
    assert years_svg(summary(None)) == ""


def test_a_heading_is_text_and_never_markup():
    assert texts(themes_svg(summary(2020)))[::2] == ["A < B", "C & D"]


def test_one_theme_is_no_figure():
    assert themes_svg(summary(2020, headings=("A",))) == ""


def test_both_figures_are_one_well_formed_file():
    root = ElementTree.fromstring(figures_svg(summary(2020, 2021)))
    assert len([e for e in root.iter() if e.tag.endswith("}svg")]) == 3
    assert figures_svg(summary(None, headings=())) == ""
