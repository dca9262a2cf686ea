"""What is said about the passes, step by step: films, pages, traces; in English, Korean, Japanese."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "Step {number} of {last}": ("단계 {number} / {last}", "ステップ {number} / {last}"),
    "backward for {name}": ("{name}의 역전파", "{name} の逆伝播"),
    "The inputs: {values}.": ("입력: {values}.", "入力: {values}。"),
    "There are no inputs.": ("입력이 없습니다.", "入力はありません。"),
    "Done.": ("끝났습니다.", "終わりました。"),
    "Done. The leaves keep their gradients: {values}.": (
        "끝났습니다. 말단 변수에 남은 기울기: {values}.",
        "終わりました。末端の変数に残る勾配: {values}。",
    ),
    "{turn}: {what} is {value}.": ("{turn}: {what}, 값 {value}.", "{turn}: {what}、値は {value}。"),
    "{turn} starts: {variable} gets seed {value}.": (
        "{turn} 시작: {variable}에 seed {value} 대입.",
        "{turn}の開始: {variable} に seed {value} を代入。",
    ),
    "Next is {function}, generation {number}.": (
        "다음은 {function}, 세대 {number}.",
        "次は {function}、世代 {number}。",
    ),
    "Taken from the queue: {function}, generation {number}.": (
        "큐에서 꺼낸 함수: {function}, 세대 {number}.",
        "キューから取り出した関数: {function}、世代 {number}。",
    ),
    "Waiting: {names}.": ("대기 중: {names}.", "待機中: {names}。"),
    "Nothing else is waiting.": ("더 기다리는 함수가 없습니다.", "ほかに待つ関数はありません。"),
    "{function} sends back to {variable}: {how}.": (
        "함수 {function}, 변수 {variable}에 전하는 값: {how}.",
        "{function} から {variable} へ伝わる値: {how}。",
    ),
    "{upstream} (upstream) * {local} (local) = {value}": (
        "{upstream} (상류) * {local} (국소적 미분) = {value}",
        "{upstream} (上流) * {local} (局所的な微分) = {value}",
    ),
    "{upstream} (upstream) * {local} (local: {formula}) = {value}": (
        "{upstream} (상류) * {local} (국소적 미분: {formula}) = {value}",
        "{upstream} (上流) * {local} (局所的な微分: {formula}) = {value}",
    ),
    "{variable} adds up its shares: {parts} = {value}.": (
        "{variable}에 모인 기여의 합: {parts} = {value}.",
        "{variable} に届いた寄与の和: {parts} = {value}。",
    ),
    "{variable} now has {value}, not the sum of its shares ({parts}).": (
        "{variable}의 값은 이제 {value}, 기여의 합({parts})과 다릅니다.",
        "{variable} の値はいま {value}、届いた寄与の和 ({parts}) とは異なります。",
    ),
    "{variable} keeps its gradient {value}.": (
        "{variable}에 기울기 {value} 유지.",
        "{variable} は勾配 {value} を保持。",
    ),
    "{variable} releases its gradient: grad None (was {value}).": (
        "{variable}의 기울기 해제: grad None (이전 값 {value}).",
        "{variable} の勾配を解放: grad None (以前は {value})。",
    ),
}
