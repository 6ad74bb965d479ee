"""Who is named in what people say: a sequence model learnt from written dialogues (ADR 0180)."""
