package dev.marquee.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TerminalTest {
    @Test
    void columns_answerOfStty_isItsSecondNumber() {
        assertThat(Terminal.columns("24 132\n")).isEqualTo(132);
    }

    @Test
    void columns_noAnswerOrNoSize_areEighty() {
        assertThat(Terminal.columns("")).isEqualTo(80);
        assertThat(Terminal.columns("0 0\n")).isEqualTo(80);
        assertThat(Terminal.columns("stty: error")).isEqualTo(80);
    }

    /** It would give Ctrl-C its default effect back: the process would be gone before the training has saved. */
    @Test
    void classPath_withoutJLine_leavesCtrlCToTheTraining() {
        assertThatThrownBy(() -> Class.forName("org.jline.terminal.TerminalBuilder"))
                .isInstanceOf(ClassNotFoundException.class);
    }
}
