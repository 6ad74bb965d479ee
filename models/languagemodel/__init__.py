"""A language model behind any endpoint that speaks OpenAI's chat completions.

endpoint.py  where it is, and how much is asked of it
breaker.py   leaves a failing endpoint alone for a while; pure
answers.py   what came back, read as the shape that was asked for; pure
chat.py      asks, within a time limit, a few at a time
"""
