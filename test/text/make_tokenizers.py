"""Trains the small tokenizers under tokenizers/ and writes what Python's tokenizers makes of awkward texts.

Run by hand with the versions of test/requirements.txt: python test/text/make_tokenizers.py
"""
import base64
import json
import pathlib
import struct

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

folder = pathlib.Path(__file__).parent / "tokenizers"

corpus = [
    "The delivery was late but the product is great, thank you!",
    "Terrible service. I waited 45 minutes and nobody came to the table.",
    "Ein sehr schönes Buch, das ich gern weiterempfehle.",
    "Une expérience décevante : le produit est arrivé cassé à Orléans.",
    "日本語の短い文章です。とても良い製品でした。",
    "Отличный товар, быстрая доставка, рекомендую всем.",
    "המוצר הגיע בזמן והאיכות טובה מאוד",
    "The quick brown fox jumps over the lazy dog; 1234567890 times?",
    "I'm sure they'll say it isn't what we've ordered, won't they?",
    "Battery life: 10 hours. Screen size: 15.6 inches. Price: $1,299.99 (incl. tax).",
    "naïve café façade coöperate résumé Ångström",
    "emoji are fun 😀 😂 👍 and so are symbols © ® ™ € £ ½ ²",
] * 4

# Texts that tokenizers are known to disagree on; "\\0" and the rest as JSON.
texts = [
    "", " ", "   \t\n ", "hello world", "Hello, World!", "The product isn't what they'll say.", "  leading and  double  spaces  ",
    "👨‍👩‍👧‍👦 family 👍🏽 🇩🇪", "日本語と中文 mixed 𠀀𫠠 text", "e\u0301 vs é, A\u030a vs Å, n\u0303", "ﬁne ① ² ½ ㍿ ℃", "שלום עולם مرحبا بالعالم",
    "[SEP] inside [CLS] the [MASK] text [PAD]", "<s>tags</s> <pad><unk> <mask>", "a\u0000b nul", "line one\nline two\r\nline three\u2028four\u0085five",
    "tab\tand\u00a0nbsp\u3000ideographic\ufeffbom\u200bzero\u200djoin", "\u0001\u0007\u001b control \u007f", "ΑΣ ΟΔΥΣΣΕΥΣ ΣΑΣ", "İstanbul ISTANBUL ıi",
    "Ünïcödé Ñandú ÆØÅ ß ẞ", "snake_case camelCase 3.14159 1,000,000 0x1F", "https://example.com/a?b=c&d=%20", "!!!???...,,;;--__", "don't DON'T we've I'M",
    "๑๒๓ ไทย नमस्ते தமிழ்", "한국어 텍스트 각", "\ufffd replacement \ufffe", "a" * 101 + " " + "b" * 99, "ab" * 300, "x\u0300\u0301\u0302y\u0489z",
    "¿Qué? «quotes» „low“ –dash— …", "𝕳𝖊𝖑𝖑𝖔 ｆｕｌｌｗｉｄｔｈ", "▁already▁marked ▁", "Ġbyte Ċ letters", "<0x0A> <0xE2>", "qq zz ЖЖ ЯЯ 龍龍 ☃☃", "100€ £5 ¥ ₿",
    "extra", "extra_ordinary extra EXTRA word extra", "a [NOSPACE] b", "Ⅷ ⅷ ʰ ª º", "\u180e\u2060\u00ad soft", "ŉ ǰ ΐ ﬃ", "\U0001F1E6\U0001F1E8\u20E3", "႐႑ᲀᲲ ꟎𖺠 𐥀", "㋿ ꟱ 𑎃",
]
pairs = [["what is it?", "It is a product."], ["", "second only"], ["first only", ""], ["", ""], ["short", "the second text is rather longer than the first one, by far"],
         ["the first text is rather longer than the second one, by far", "short"], ["one two three four five six seven", "un deux trois quatre cinq six sept"], ["日本語", "[SEP] x"]]


def word_piece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(corpus, trainers.WordPieceTrainer(vocab_size=600, special_tokens=special, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", tokenizer.token_to_id("[CLS]")), ("[SEP]", tokenizer.token_to_id("[SEP]"))])
    return tokenizer


def word_piece_cased():
    tokenizer = word_piece()
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False, clean_text=True)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.add_tokens([AddedToken("extra", single_word=True, normalized=True), AddedToken("[NOSPACE]", lstrip=True, rstrip=True, normalized=False)])
    return tokenizer


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=700, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False, special=True)])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return tokenizer


def byte_level_split():
    """The cutting of Llama 3: a regular expression, then bytes."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    pattern = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=600, special_tokens=["<s>", "</s>", "<pad>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(), processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 0)])])
    return tokenizer


def byte_fallback():
    """As Llama 2: no pre-tokenizer, blanks as ▁, unknown characters as bytes."""
    special = ["<unk>", "<s>", "</s>", "<pad>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.train_from_iterator([line for line in corpus if line.isascii()], trainers.BpeTrainer(vocab_size=700, special_tokens=special, show_progress=False))
    made = json.loads(tokenizer.to_str())
    made["added_tokens"] = [token for token in made["added_tokens"] if token["id"] < 4]
    made["pre_tokenizer"] = None
    made["normalizer"] = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}
    made["post_processor"] = {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<s>", "type_id": 1}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}
    return Tokenizer.from_str(json.dumps(made))


def charsmap(rules):
    """A precompiled_charsmap: a double array over UTF-8 keys, one unit for each byte, then the replacements."""
    blob = b""
    root = {}
    for key, value in rules.items():
        node = root
        for byte in key.encode():
            node = node.setdefault(byte, {})
        node["value"] = len(blob)
        blob += value.encode() + b"\0"
    units = {0: 0}
    taken = {0}
    used_offsets = set()

    def place(position, node):
        keys = [key for key in node if key != "value"]
        labels = keys + ([0] if "value" in node else [])
        base = 1
        while base in used_offsets or any((base ^ label) in taken for label in labels):
            base += 1
        used_offsets.add(base)
        offset = position ^ base
        assert offset < 1 << 21
        units[position] = units.get(position, 0) | offset << 10 | (0x100 if "value" in node else 0)
        taken.update(base ^ label for label in labels)
        if "value" in node:
            units[base] = 0x80000000 | node["value"]
        for key in keys:
            units[base ^ key] = key
        for key in keys:
            place(base ^ key, node[key])

    place(0, root)
    trie = b"".join(struct.pack("<I", units.get(index, 0)) for index in range(max(units) + 256))
    return base64.b64encode(struct.pack("<I", len(trie)) + trie + blob).decode()


def unigram():
    """As XLM-RoBERTa and T5: a compiled table of replacements, then ▁ before each word."""
    rules = {"ﬁ": "fi", "①": "1", "½": "1⁄2", "\u00a0": " ", "\u3000": " ", "\t": " ", "\n": " ", "\r": " ", "\u200b": "", "e\u0301": "é", "A\u030a": "Å", "ｆ": "f", "ｕ": "u", "…": "...", "\u0001": "", "\u007f": ""}
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.Precompiled(base64.b64decode(charsmap(rules))), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.train_from_iterator(corpus, trainers.UnigramTrainer(vocab_size=400, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False))
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False, special=True)])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return tokenizer


def unigram_bytes():
    """Unigram with bytes for the unknown, normal forms, and pieces cut at digits and punctuation."""
    tokenizer = unigram()
    made = json.loads(tokenizer.to_str())
    first = len(made["model"]["vocab"])
    made["model"]["vocab"] += [[f"<0x{byte:02X}>", -20.0] for byte in range(256)]
    made["model"]["byte_fallback"] = True
    made["added_tokens"] = [token for token in made["added_tokens"] if token["content"] != "<mask>"]
    made["normalizer"] = {"type": "Sequence", "normalizers": [{"type": "Nmt"}, {"type": "NFKC"}, {"type": "Lowercase"}]}
    made["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Punctuation", "behavior": "MergedWithPrevious"}, {"type": "Digits", "individual_digits": True},
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": True}]}
    made["post_processor"] = None
    assert first < 1000
    return Tokenizer.from_str(json.dumps(made))


def word_level():
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(corpus, trainers.WordLevelTrainer(vocab_size=400, special_tokens=["[PAD]", "[UNK]"], show_progress=False))
    return tokenizer


def suffixed():
    """As CLIP and GPT-1: characters end a word with </w>, unknown ones are dropped into <unk> one by one."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKD(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator([line for line in corpus if line.isascii()], trainers.BpeTrainer(vocab_size=400, special_tokens=["<unk>", "<pad>"], end_of_word_suffix="</w>", show_progress=False))
    return tokenizer


def made_of(tokenizer):
    def row(*inputs):
        encoding = tokenizer.encode(*inputs)
        return [encoding.ids, encoding.type_ids]

    cut = []
    for max_length, direction, strategy in [(8, "right", "longest_first"), (9, "left", "longest_first"), (13, "right", "longest_first"), (12, "right", "only_first"), (12, "right", "only_second")]:
        tokenizer.enable_truncation(max_length, direction=direction, strategy=strategy)
        rows = []
        for inputs in [*([text] for text in texts[3:12]), *pairs]:
            try:
                rows.append(row(*inputs))
            except BaseException:
                rows.append(None)
        cut.append({"maxLength": max_length, "side": direction, "strategy": strategy, "rows": rows})
        tokenizer.no_truncation()
    return {"texts": [row(text) for text in texts], "pairs": [row(*pair) for pair in pairs], "truncated": cut}


if __name__ == "__main__":
    folder.mkdir(exist_ok=True)
    makers = [word_piece, word_piece_cased, byte_level, byte_level_split, byte_fallback, unigram, unigram_bytes, word_level, suffixed]
    expected = {}
    for make in makers:
        tokenizer = make()
        name = make.__name__.replace("_", "-")
        path = folder / f"{name}.json"
        path.write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        expected[name] = made_of(Tokenizer.from_file(str(path)))
        print(name, path.stat().st_size)
    (folder / "expected.json").write_text(
        json.dumps({"tokenizers": tokenizers.__version__, "texts": texts, "pairs": pairs, "expected": expected}, separators=(",", ":")), encoding="utf-8")
