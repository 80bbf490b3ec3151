"""Guides through the explorers that train, and through what was learnt."""

from __future__ import annotations

from convrnn_lab.explorer.guide import Step

_NETWORK = {
    "filters": "32 / 64",
    "kernel_size": 3,
    "stride": 1,
    "padding": 0,
    "pooling": "max",
    "learning_rate": 0.001,
    "epochs": 3,
}

TRAINING = (
    Step(
        "What a network costs is known before it is trained.",
        _NETWORK,
        watch="“Layers and trainings”: conv2 needs most multiply-adds, dense1 has most parameters.",
    ),
    Step(
        "Now both convolutions get half as many filters.",
        _NETWORK | {"filters": "16 / 32"},
        question="What is left of the 2.5 million multiply-adds?",
        choices=("about 80 %", "about 50 %", "about 28 %"),
        answer="about 28 %",
        reason="conv2, which needs most of them, has half the maps to read and half to make.",
    ),
    Step(
        "A stride of 2 takes the place of the pools.",
        _NETWORK | {"stride": 2, "pooling": "none"},
        question="Does the network need more multiply-adds than before, or fewer?",
        choices=("more", "fewer"),
        answer="fewer",
        reason="The convolutions themselves are computed at about a quarter of the places.",
    ),
    Step(
        "With kernels of 1 × 1 no convolution compares two pixels.",
        _NETWORK | {"kernel_size": 1},
        question="How many pixels can a value of the last map see?",
        choices=("1 × 1", "4 × 4", "10 × 10"),
        answer="4 × 4",
        reason="Only the two pools bring neighbours together, 2 × 2 of 2 × 2.",
    ),
    Step(
        "With a learning rate of 1, each step of the training is far too large.",
        _NETWORK | {"learning_rate": 1.0},
        watch="press Train in a running notebook: the loss explodes; the best weights are kept.",
    ),
)

_ADDING = {
    "task": "adding",
    "cell": "LSTM",
    "direction": "forward",
    "hidden_size": 32,
    "layers": 1,
    "forget_bias": 1,
    "learning_rate": 0.01,
    "clip": 1.0,
    "epochs": 8,
    "seed": 0,
}

SEQUENCE_TRAINING = (
    Step(
        "In the adding problem, two of 20 numbers are marked, and their sum is asked for.",
        _ADDING,
        watch="the dotted line: an error of 0.167, which always answering 1 would have.",
    ),
    Step(
        "An LSTM of this size has 4,641 parameters; now it is a plain RNN of 32 units.",
        _ADDING | {"cell": "RNN"},
        question="How many parameters has the RNN?",
        choices=("1,185", "2,337", "4,641"),
        answer="1,185",
        reason="An LSTM has such weights four times: for three gates and the candidate.",
        watch="press Train in a running notebook: does the error fall below the dotted line?",
    ),
    Step(
        "A forget bias of −2 makes an LSTM forget quickly at first.",
        _ADDING | {"forget_bias": -2},
        watch="press Train with −2 and with 3: when does each error leave the dotted line?",
    ),
)

STATE_OVER_TRAINING = (
    Step(
        "Before training, the states change little, and the answers are far from those wanted.",
        {"epoch": 0, "sequence": 0, "unit": 13},
        watch="the colours: all of them are pale; the test loss is 0.619.",
    ),
    Step(
        "After 20 epochs, some units rise and fall with the sunspots.",
        {"epoch": 20, "sequence": 0, "unit": 13},
        question="The test loss was 0.619. What is it now?",
        choices=("about 0.5", "about 0.3", "about 0.05"),
        answer="about 0.05",
        reason="Most of what can be learnt here is learnt in the first twenty epochs.",
    ),
    Step(
        "Unit 13 has learnt to fall when there were many sunspots the year before.",
        {"epoch": 80, "sequence": 0, "unit": 13},
        watch="the circles beside the squares: how this unit moves now, and before training.",
    ),
    Step(
        "The training goes on for 70 epochs more.",
        {"epoch": 150, "sequence": 0, "unit": 13},
        question="After 80 epochs the test loss was 0.033. Is it lower after 150?",
        choices=("lower", "a little higher"),
        answer="a little higher",
        reason="It is 0.0381: more training no longer helps with years that were not trained on.",
    ),
)

WRITING = (
    Step(
        "Each character is coloured by the state of one unit after the model has read it.",
        {"temperature": 0.7, "seed": 0, "unit": 0},
        watch="the colours of unit 0: like most units, it follows nothing that has a name.",
    ),
    Step(
        "Some units follow something that can be named; this is unit 86.",
        {"temperature": 0.7, "seed": 0, "unit": 86},
        question="Over the text that was read, where is its state highest?",
        choices=("at blanks", "at line breaks", "at capital letters"),
        answer="at line breaks",
        reason="There its average is 0.54, and −0.52 over all other characters.",
    ),
    Step(
        "Below the border the model writes on; a low temperature makes it surer.",
        {"temperature": 0.2, "seed": 0, "unit": 86},
        question="What becomes of its text?",
        choices=("it repeats itself", "it invents words"),
        answer="it repeats itself",
        reason="The likeliest character is nearly always taken: “option, option, option”.",
    ),
    Step(
        "A temperature of 1 takes each character as often as the model expects it.",
        {"temperature": 1.0, "seed": 0, "unit": 86},
        watch="the text that is written: there are words that do not exist, such as Dassie.",
    ),
)

STEP_ATTRIBUTIONS = (
    Step(
        "Each model has read up to the green box and predicts what stands there: here “f”.",
        {"example": "if and else", "method": "occlusion", "position": 5},
        watch="the colours: purple made the prediction likelier, orange less likely. "
        "The “i” counts most.",
    ),
    Step(
        "After “None”, the GRU predicts “:” with 83 %.",
        {"example": "if and else", "method": "occlusion", "position": 20},
        question="From which character does this prediction come most?",
        choices=("“e”, 1 back", "“N”, 4 back", "“f” of if, 15 back"),
        answer="“N”, 4 back",
        reason="Zeros in place of “N” lower the log-probability of “:” by 4.73. "
        "The models never met such zeros in training, which is a weakness of occlusion.",
    ),
    Step(
        "The same prediction, by gradient: what a small change of each character would do.",
        {"example": "if and else", "method": "gradient", "position": 20},
        question="By occlusion, “N” counts most in all three models. And by gradient?",
        choices=("in all three, too", "only in the GRU", "in none"),
        answer="only in the GRU",
        reason="In RNN and LSTM it is the “e”. A gradient is not evidence of use: "
        "a small change says little about a character that is missing.",
    ),
    Step(
        "After “print”, an opening bracket is to be expected.",
        {"example": "brackets", "method": "occlusion", "position": 49},
        question="Which of the models predicts it?",
        choices=("the RNN", "the LSTM", "the GRU"),
        answer="the GRU",
        reason="It gives “(” 73 %. The RNN continues with “s”, the LSTM with “_”.",
    ),
    Step(
        "After “ValueError”, all three models predict “(”.",
        {"example": "quotes", "method": "occlusion", "position": 55},
        question="In which model does this come from furthest back?",
        choices=("the RNN", "the LSTM", "the GRU"),
        answer="the GRU",
        reason="There it is “a”, 9 back; in the RNN 5 back, in the LSTM 3 back.",
    ),
    Step(
        "“Influence by distance” is the average over all positions of the five texts.",
        {"example": "two methods", "method": "occlusion", "position": 50},
        question="Within how many characters lies half of the influence?",
        choices=("about 3", "about 10", "about 30"),
        answer="about 3",
        reason="It is 3 in the RNN, 2 in the LSTM and 3 in the GRU: "
        "these models answer mostly from the last few characters.",
    ),
)
