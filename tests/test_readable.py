import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.readable import readable


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"the \method~framework (\ipg)", "the method framework (ipg)"),
        (r"Code \& data at \hyperlink{}{https://a.org/b}.", "Code & data at https://a.org/b."),
        (r"\href{https://a.org}{here} and \url{https://a.org/x\_y}", "here and https://a.org/x_y"),
        ("https://a.org/b}{https://a.org/b.", "https://a.org/b."),
        (r"\textit{i.e.}, 5.44\% {\bf more} for {\pounds}20", "i.e., 5.44% more for £20"),
        (r"\textbf{x \emph{y 5% z}} w", "x y 5% z w"),
        (r"$\gamma$-weakly, $\sim$10$\times$, $k$-means in $O(n)$", "γ-weakly, ∼10×, k-means in O(n)"),
        (r"$\mathbf{x} \in \mathbb{R}^d$", "x∈ℝ^d"),
        (r"Bal\'azs, Erd\H{o}s, M{\"u}ller and \v{Z}i\v{z}ek", "Balázs, Erdős, Müller and Žižek"),
        ("adaptation---with an~(MI), nets -- the best", "adaptation—with an (MI), nets – the best"),
        ("``Knowledge'' and `similar' of Parkinson's", "“Knowledge” and ‘similar’ of Parkinson's"),
        ("M^3Builder at 10^5 and R^2", "M3Builder at 10^5 and R^2"),
        ("H<sub>2</sub>O &amp; p &lt; 0.05", "H2O & p < 0.05"),
        (r"{B}ayesian {O}ptimisation over {0, 1}", "Bayesian Optimisation over {0, 1}"),
        (r"\eg, this and \ie that \cite{foo}.", "e.g., this and i.e. that ."),
    ],
)  # fmt: skip
def test_residue_becomes_plain_text(source, shown):
    assert readable(source) == shown


@pytest.mark.parametrize(
    "text",
    [
        "5% of $100",
        "from $100 to $200 and $5-$10",
        "p < 0.05 and a > b",
        "run with --no-dedupe in ~/data, ~10% of it",
        "see https://a.org/~user/x_y--z",
        "snake_case, x^2, C# & D",
        "a } b { c",
        "O'Neil's and rock 'n' roll",
        "1. item\n\n2. item",
        "",
    ],
)
def test_prose_survives(text):
    assert readable(text) == text


LATEX = st.text(alphabet="ab \\{}$%&#_^~-`'<>;[]()0\"", max_size=40)


@given(st.text() | LATEX)
@example("\\$x\\$")
@example("&amp;lt;i&amp;gt;")
@example("\ud800\x00\x85")
@example("\\begin{a}{\\")
@example("$\\")
def test_it_never_raises_is_idempotent_and_leaves_no_control_characters(text):
    once = readable(text)
    assert readable(once) == once
    assert not [c for c in once if c < " " and c not in "\n\t"]
    once.encode("utf-8")
