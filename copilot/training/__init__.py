"""Exercises on calls that nobody makes: played at the desk, and what was taken down compared.

written     a written call, said at a speaking pace to the same session as a live one
exercises   what an exercise must be
voices      a recorded call's own voices, line by line
anonymous   a reviewed call as an exercise: nobody in it can be recognised
scoring     the message taken down against the one expected, field by field
runs        trainees at work: nothing here is a call, so nothing is delivered or counted
"""
