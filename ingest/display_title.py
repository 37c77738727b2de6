"""A title to show for every paper, also for one whose source gives none.

An untitled abstract is shown under the name it gives its method. The rules follow how abstracts
announce one: "termed as SAFARI", "we propose EoRA, a …", "a distribution alignment (LTUDA)
framework", "a two-stage method FedMLP"; at last a name that acts ("GPFM achieves …").
"""

from __future__ import annotations

import re
from collections import Counter

from assistant.readable import readable
from assistant.sentences import split_sentences

_MAX_WORDS_LENGTH = 80  # characters of the abstract's beginning, when it names nothing

_NAME = r"[A-Za-z][A-Za-z0-9]*(?:[-+.^][A-Za-z0-9]+)*\+*"
_QUOTE = r"[\"'`“‘*]*"
_PROPOSE = (
    r"\b(?:propos|introduc|present|develop|describ|releas|design|devis|build|built|establish|contribut|unveil|"
    r"formulat|creat|construct|report)\w*\s+"
)
_NAMED = re.compile(
    rf"\b(?:termed|named|dubbed|called|coined|titled|entitled|namely|nicknamed|known as|referred to as|"
    rf"denoted(?: as| by)?|abbreviated(?: as)?)(?: as)?\s+{_QUOTE}({_NAME})"
)
_DIRECT = re.compile(rf"{_PROPOSE}{_QUOTE}(?:the\s+)?({_NAME})(?=[\"'”’*]*(?:[,:;.(–—]|\s))")
_AFTER_NOUN = re.compile(
    r"\b(?:method|framework|model|approach|algorithm|system|network|architecture|dataset|benchmark|pipeline|"
    rf"scheme|solution|strategy|module|toolkit|library|platform|agent),?\s+{_QUOTE}({_NAME})"
)
_BRACKET = re.compile(rf"\({_QUOTE}({_NAME}){_QUOTE}(?=\)|,|;|\s+(?:and|or)\s)")
_ACTS = re.compile(
    rf"({_NAME})\s+(?:\w+ly\s+|also\s+|further\s+)?(?:achiev|outperform|attain|surpass|improv|reduc|enabl|consist|"
    r"demonstrat|deliver|yield|leverag|combin|integrat|utiliz|employ|exceed)\w*\b"
)
_TITLE_CASE = re.compile(
    rf"{_PROPOSE}{_QUOTE}((?:[A-Z][\w-]+\s+(?:(?:of|and|for|in|with|the|on)\s+)?){{1,5}}[A-Z][\w-]+)(?=[\"'”’]*[,.;:(]|\s+(?:to|for|that|which)\b)"
)
_COMMON_NAMES = """
AI AD ANN API AR ASR AUC AUROC BERT BCI CAD CAM CIM CKA CLIP CNN CPU CT CV DBS DDPM DL DNN DP EEG EHR
EHRs EM FL FPGA GAN GCN GNN GPT GPU GRPO ICU IID ID IoT IoU IR KD KG KNN LLM LMM LSTM LoRA MAE MDP MIL
ML MLLM MLP MOO MRI MSE NAS NER NeRF NLI NLP NMT OCR ODE OOD PAC PCA PDE PEFT PET PPO PTQ QA RAG RCT RFT
RGB RL RLHF RNN ROI SAM SGD SNN SOTA SQL SSL SVD SVM TI TTS T2I UDA UAV US VAE VLA VLM VQA ViT WSI XAI
2D 3D BO DRL GP LM MCTS MoE PINN PLM ResNet SFT SSM TTA ConvNet ChatGPT OpenAI ImageNet PyTorch LLaMA
GitHub
"""
# Names of a field, a task or a widely used method: an abstract that expands one does not name its own.
_COMMON = frozenset(_COMMON_NAMES.split())


def display_title(title: str | None, abstract: str) -> str:
    """The readable title; else the method's name the abstract gives; else its first words. Never empty."""
    shown = " ".join(readable(title).split()) if title else ""
    if shown:
        return shown
    text = " ".join(readable(abstract).split())
    return method_name(text) or _first_words(text) or "Untitled"


def method_name(abstract: str) -> str | None:
    """The name an abstract gives to what it proposes; None when it names nothing."""
    for span in split_sentences(abstract):
        sentence = abstract[span.start : span.end]
        verb = re.search(_PROPOSE, sentence)
        if match := _NAMED.search(sentence, verb.start() if verb else 0):
            name = match[1].rstrip(".")
            if verb and name[0].isupper() and len(name) > 2 and _is_uncommon(name):
                return name
        if not verb:
            continue
        for pattern in (_DIRECT, _AFTER_NOUN, _BRACKET):
            for match in pattern.finditer(sentence, verb.start()):
                name = match[1].rstrip(".")
                if _looks_coined(name) and (len(name) > 2 or len(_occurrences(name, abstract)) > 2):
                    return name
        if match := _TITLE_CASE.search(sentence, verb.start()):
            return match[1]
    return _acting_name(abstract)


def _acting_name(abstract: str) -> str | None:
    """The coined name that most often is a sentence's subject and that the abstract itself expands."""
    expanded = {m[1] for m in _BRACKET.finditer(abstract)}
    acting = Counter(m[1] for m in _ACTS.finditer(abstract) if m[1] in expanded and _looks_coined(m[1]))
    return acting.most_common(1)[0][0] if acting else None


def _looks_coined(name: str) -> bool:
    """EoRA, D2UE, FedNPR-Per, VRFT-Aug; but not Low-Rank, nor DNN."""
    parts = re.split(r"[-+.^]", name)
    coined = any(
        re.search(r"[A-Z]", p[1:]) or (re.search(r"\d", p) and re.search(r"[A-Z]", p)) for p in parts
    )
    return coined and len(name) > 1 and _is_uncommon(name)


def _is_uncommon(name: str) -> bool:
    bare = name.rstrip("+")
    return bare not in _COMMON and not (bare.endswith("s") and bare[:-1] in _COMMON)


def _occurrences(name: str, text: str) -> list[str]:
    return re.findall(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)


def _first_words(text: str) -> str:
    if len(text) <= _MAX_WORDS_LENGTH:
        return text
    cut = text[: _MAX_WORDS_LENGTH + 1].rsplit(None, 1)[0]
    return cut[:_MAX_WORDS_LENGTH].rstrip(" ,;:.–—-(") + "…"
