"""Every sentence of the checker itself, in one place; what belongs to one exercise stands with that exercise.

The widgets receive this catalogue as a trait, so a translation of this dict reaches pages too. Names
in braces are filled in.
"""

MESSAGES = {
    # How a verdict begins.
    "right": "Right.",
    "wrong": "Not yet.",
    "untried": "Not tried yet.",
    # Not tried.
    "replace_dots": "Put your answer in place of the dots (...).",
    "dots_left": "A part of it is still the dots (...).",
    # What was given is of another kind.
    "none": "The answer is None. Does a function end without return?",
    "wants_number": "A number is asked for; this is {kind}.",
    "wants_array": "An array of numbers is asked for; this is {kind}.",
    "wants_function": "A function is asked for, without calling it: its name alone. This is {kind}.",
    "text_number": "This is text. Write the number without quotation marks.",
    "whole": "The answer is a whole number.",
    "not_finite": "This is not a finite number ({found}). Where does it first appear in your calculation?",
    "this_is": "This is {kind}.",
    "unreadable_answer": "This answer could not be read: it is no number, array or function.",
    "wants": "Asked for: {expects}.",
    # Numbers.
    "sign": "The size is right, the sign is not.",
    "close": "Close, but not close enough. Keep all digits on the way and round at the end, if at all.",
    "other_number": "This is not the number.",
    # Arrays.
    "shape": "The shape should be {wanted}; yours is {found}.",
    "transposed": "The numbers are right, but rows and columns have changed places.",
    "kind_bool": "True or False is asked for in each place; yours holds numbers.",
    "kind_number": "Numbers are asked for; yours holds True and False.",
    "cut_off": "Your array holds whole numbers only: fractions that are written into it are cut off.",
    "entries": "{wrong} of {all} entries differ. The first is at {place}, where you have {found}.",
    "entry_not_finite": "At {place} there is no finite number but {found}.",
    "not_array": "an object that is no array of numbers",
    # Functions.
    "raised": "For {call} your function raises {error}.",
    "recursion": "For {call} your function calls itself again and again, until Python gives up. "
    "Which case does it answer without calling itself?",
    "asks": "For {call} your function asks with input(). All that it needs are its arguments.",
    "leaves": "For {call} your function calls exit(), which ends a program. A function ends with return.",
    "late": "Your function had not come back after {seconds} s and was stopped{call}{line}. "
    "Is there a loop that does not end, or one that takes far too many rounds?",
    "late_call": ", called with {call}",
    "late_line": ", in line {line}, “{source}”",
    "more_printed": "\n… (your function prints more; the rest is not shown)\n",
    "returned_none": "For {call} your function returns None. Does it end without return?",
    "result": "For {call}: {difference}",
    "is_value": "your function returns {found}, which is not right.",
    "is_kind": "your function returns {found}; {wanted} is asked for.",
    "is_length": "{wanted} parts are asked for; your function returns {found}.",
    "in_part": "In part {part} of the answer: {difference}",
    "is_shape": "the shape should be {wanted}; yours is {found}.",
    "is_array": "your array has {difference}",
    "is_entries": "{wrong} of {all} entries differ, the first at {place}, where you have {found}.",
    "is_not_finite": "there is {found} at {place}, no finite number.",
    "changes_input": "What it returns is right, but it changes its argument {name}: "
    "whoever called it finds other numbers there. Work on a copy.",
    "arguments": "It must take the arguments {wanted}; yours takes {found}.",
    "property_raised": "The values are right where they were compared, "
    "but with other inputs your function raises {error}.",
    "property": "The values are right where they were compared, but something it must fulfil does not hold.",
    "predicate": "This does not fulfil what is asked.",
    # Kinds of things, in words.
    "kind_text": "text",
    "kind_truth": "True or False",
    "kind_function": "a function; call it",
    "kind_array": "an array of shape {shape}",
    "kind_list": "a list or tuple of {length}",
    "kind_complex": "a complex number",
    "kind_a_number": "a number",
    "kind_other": "an object of type {type}",
    # Hints and progress.
    "hint_title": "Hint {number} of {count}",
    "no_hint": "There is no hint for this one.",
    "hint_pointer": 'A hint: nnlib.exercises.hint("{id}")',
    "progress_title": "What you have done so far",
    "progress_chapter": "Chapter",
    "progress_done": "right",
    "progress_tried": "tried",
    "progress_open": "not tried yet",
    "progress_line": "Chapter {chapter}: {done} of {count} right",
    "progress_forget": "Kept on this computer only. progress().forget() clears it.",
    # The widgets.
    "ask": "Exercise {number}",
    "quiz_button": "Check",
    "hint_button": "Hint",
    "second_hint_button": "Second hint",
    "choose_again": "Why this is tempting stands below it. Choose again.",
    "others_below": "Below each option stands why.",
    "choose_first": "Choose one of the options first.",
    "write_first": "Write a number first.",
    "unreadable": "“{text}” cannot be read as a number. Write 0.5, 1/2 or 5e-2.",
    "read_as": "(Read as {value}.)",
    "forget_button": "Forget that",
    "forget_title": "Forget that this was answered",
    "answered_before": "You have answered this right before.",
    "tried_before": "You have tried this before.",
    "without_script": "On a page with JavaScript you can answer here and see why each option is tempting.",
    "ask_without_script": "On a page with JavaScript you can answer here.",
    "option": "({letter})",
}
